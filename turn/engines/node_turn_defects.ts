/**
 * What `npm:node-turn` 0.0.6 lacks or gets wrong (read in its code), one sentence each: whoever
 * selects it is told. It stays selectable for comparison.
 */
export const NODE_TURN_DEFECTS: readonly string[] = [
  "Data that clients send over channels (ChannelData) is dropped; only Send indications pass.",
  "The first Refresh deletes the allocation, so a relay lives ten minutes at most.",
  "Relay sockets stay open after their allocation has ended, until the worker is restarted.",
  "Peers are not checked: clients can reach this machine and the host's own network through it.",
  "UDP and IPv4 only: there is no TCP.",
  "Each request without credentials takes memory for an hour; a flood of them fills the machine.",
  "Nonces come from Math.random and are valid for every source.",
  "ChannelBind is answered without MESSAGE-INTEGRITY, which strict clients refuse.",
  "EVEN-PORT takes the client's own port number as the relay's, and reservations never work.",
  "A message with an attribute that it does not know, though it may be ignored, gets no answer.",
  "Attributes after MESSAGE-INTEGRITY are acted upon.",
  "A second Allocate of one client is granted, and the relay of the first is lost.",
  "A longer lifetime than ten minutes is never granted, and error answers are not signed.",
  "While it drains, new clients are refused and never sent to the alternate server.",
  "Of several shared secrets only the first verifies credentials.",
  "A ban of an address range does not reach it: allocations from there go on.",
  "No limit of bytes, packets, permissions or channels is enforced, and nothing but allocations is counted.",
];
