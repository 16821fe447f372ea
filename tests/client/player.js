/** Runs in a page: enters a room with the served library and keeps what comes. */

/** @param {{ room: string, rtc: object | false, url?: string }} options */
export async function enter({ room: code, rtc, url = location.origin }) {
  /** @type {WebSocket[]} */
  const sockets = [];
  globalThis.WebSocket = class extends WebSocket {
    /** @param {string} url @param {string[]} protocols */
    constructor(url, protocols) {
      super(url, protocols);
      sockets.push(this);
    }
  };
  const { connect } = await import(`${url}/client.js`);
  const room = await (await connect({ rtc })).join(code, { create: true });
  const game = {
    room,
    peer: undefined,
    /** @type {string[]} */
    reliable: [],
    loose: 0,
    /** @type {string[]} */
    paths: [],
    dropSocket: () => sockets.at(-1)?.close(4900),
  };
  Reflect.set(globalThis, "game", game);
  const meet = (peer) => {
    game.peer = peer;
    peer.on("path", (path) => game.paths.push(path));
    peer.on("message", ({ data, reliable }) => {
      if (reliable) game.reliable.push(data);
      else game.loose++;
    });
  };
  for (const peer of room.peers.values()) meet(peer);
  room.on("peer-joined", meet);
}

/** @param {{ from: number, to: number }} range */
export function sendAll({ from, to }) {
  const { peer } = Reflect.get(globalThis, "game");
  peer.sendUnreliable(new Uint8Array([from]));
  for (let number = from; number < to; number++) peer.send(`${number}`);
}

/** The kinds of the two candidates that data goes between, and the ICE session they belong to. */
export async function readPair() {
  const { connection } = Reflect.get(globalThis, "game").peer;
  const reports = new Map();
  (await connection.getStats()).forEach((report) => reports.set(report.id, report));
  const transport = [...reports.values()].find(({ type }) => type === "transport");
  const pair = reports.get(transport.selectedCandidatePairId);
  const [local, remote] = [pair.localCandidateId, pair.remoteCandidateId].map((id) =>
    reports.get(id)
  );
  return {
    types: [local.candidateType, remote.candidateType],
    session: transport.iceLocalUsernameFragment,
  };
}
