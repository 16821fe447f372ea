/**
 * One player, relay only: enters the room, sends `count` numbered messages to whom it meets there
 * and waits for as many. Playwright carries this function into the page as text, so it may use
 * nothing from outside itself.
 *
 * @param {{ room: string, count: number }} game
 * @returns {Promise<{ received: number[], localType: string }>}
 */
export async function play({ room, count }) {
  /** @type {RTCPeerConnection[]} */
  const connections = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    /** @param {RTCConfiguration} [configuration] */
    constructor(configuration) {
      super(configuration);
      connections.push(this);
    }
  };
  /** @type {number[]} */
  const received = [];
  /** @type {PromiseWithResolvers<void>} */
  const all = Promise.withResolvers();
  // Long, because it only ends a test that hangs: SCTP slows down on a machine that is busy.
  setTimeout(() => all.reject(new Error(`${received.length} of ${count} came in 120 s`)), 120_000);

  const module = "/connect.js";
  const { connect } = await import(module);
  connect(room, {
    rtc: { iceTransportPolicy: "relay" },
    /** @param {string} _id @param {RTCDataChannel} channel */
    onChannel(_id, channel) {
      channel.onopen = () => {
        for (let index = 0; index < count; index++) channel.send(`${index}`);
      };
      channel.onmessage = ({ data }) => {
        if (received.push(Number(data)) === count) all.resolve();
      };
    },
    /** @param {string} message */
    onError: (message) => all.reject(new Error(message)),
  });
  await all.promise;

  const [connection] = connections;
  const stats = new Map(await connection?.getStats());
  const transport = [...stats.values()].find(({ type }) => type === "transport");
  const pair = stats.get(transport.selectedCandidatePairId);
  return { received, localType: stats.get(pair.localCandidateId).candidateType };
}
