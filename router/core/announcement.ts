/** What a router sends to everybody when its external address has changed, or when it began anew. */

const NAT_PMP = 0;
const PCP = 2;
const RESPONSE = 0x80;
/** NAT-PMP's external address (RFC 6886 §3.2.1) and PCP's ANNOUNCE (RFC 6887 §14.1) are both 0. */
const OPCODE = 0;
const NAT_PMP_BYTES = 12;
const PCP_BYTES = 24;

/** The address that it may name is not taken from here: the router is asked. */
export function isAnnouncement(bytes: Uint8Array): boolean {
  if (bytes[1] !== (RESPONSE | OPCODE)) return false;
  return bytes[0] === NAT_PMP
    ? bytes.length >= NAT_PMP_BYTES
    : bytes[0] === PCP && bytes.length >= PCP_BYTES;
}
