/** Runs in a page: enters a room with the served library and keeps what comes. */

/** @param {{ room: string, rtc: object | false }} options */
export async function enter({ room: code, rtc }) {
  /** @type {WebSocket[]} */
  const sockets = [];
  globalThis.WebSocket = class extends WebSocket {
    /** @param {string} url @param {string[]} protocols */
    constructor(url, protocols) {
      super(url, protocols);
      sockets.push(this);
    }
  };
  const { connect } = await import(`${location.origin}/client.js`);
  const room = await (await connect({ rtc })).join(code, { create: true });
  const game = {
    room,
    peer: undefined,
    /** @type {string[]} */
    reliable: [],
    loose: 0,
    dropSocket: () => sockets.at(-1)?.close(4900),
  };
  Reflect.set(globalThis, "game", game);
  const meet = (peer) => {
    game.peer = peer;
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
