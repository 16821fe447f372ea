/**
 * Two connections of one page, by relays alone: sends `count` numbered messages and answers with
 * what came, and with the protocol and the relay of the pair that carried them. Playwright carries
 * this function into the page as text, so it may use nothing from outside itself.
 *
 * @param {{ servers: RTCIceServer[], count: number }} order
 * @returns {Promise<{ received: number[], protocol: string, relay: string }>}
 */
export async function relayed({ servers, count }) {
  /** @type {RTCConfiguration} */
  const configuration = { iceServers: servers, iceTransportPolicy: "relay" };
  const [caller, callee] = [
    new RTCPeerConnection(configuration),
    new RTCPeerConnection(configuration),
  ];
  /** @type {PromiseWithResolvers<void>} */
  const all = Promise.withResolvers();
  setTimeout(() => all.reject(new Error("not all came in 25 s")), 25_000);
  caller.onicecandidate = ({ candidate }) => candidate && callee.addIceCandidate(candidate);
  callee.onicecandidate = ({ candidate }) => candidate && caller.addIceCandidate(candidate);
  /** @type {number[]} */
  const received = [];
  callee.ondatachannel = ({ channel }) => {
    channel.onmessage = ({ data }) => {
      if (received.push(Number(data)) === count) all.resolve();
    };
  };
  const channel = caller.createDataChannel("messages");
  channel.onopen = () => {
    for (let index = 0; index < count; index++) channel.send(`${index}`);
  };
  await caller.setLocalDescription();
  if (caller.localDescription) await callee.setRemoteDescription(caller.localDescription);
  await callee.setLocalDescription();
  if (callee.localDescription) await caller.setRemoteDescription(callee.localDescription);
  await all.promise;
  const stats = new Map(await caller.getStats());
  const transport = [...stats.values()].find(({ type }) => type === "transport");
  const { localCandidateId } = stats.get(transport.selectedCandidatePairId);
  const { relayProtocol, address } = stats.get(localCandidateId);
  return { received, protocol: relayProtocol, relay: address };
}
