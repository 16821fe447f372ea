/** Runs in a page before `enter` of tests/client/player.js: keeps what happens to the room. */
export function watchRoom() {
  const watch = {
    /** @type {string[]} */
    events: [],
    /** How often the server has asked for an ICE restart. */
    restarts: 0,
    /** From now on. */
    start() {
      const { room } = Reflect.get(globalThis, "game");
      for (const name of ["peer-joined", "peer-left", "away", "back", "lost", "closed"]) {
        room.on(name, () => watch.events.push(name));
      }
    },
    /** The address of this page's relayed candidate that is in use. */
    async relayIp() {
      const { peer } = Reflect.get(globalThis, "game");
      if (peer?.path !== "relayed") return undefined;
      const reports = new Map();
      (await peer.connection.getStats()).forEach((report) => reports.set(report.id, report));
      const transport = [...reports.values()].find(({ type }) => type === "transport");
      const pair = reports.get(transport.selectedCandidatePairId);
      return reports.get(pair?.localCandidateId)?.address;
    },
  };
  Reflect.set(globalThis, "watch", watch);
  globalThis.WebSocket = class extends WebSocket {
    /** @param {string} url @param {string[]} protocols */
    constructor(url, protocols) {
      super(url, protocols);
      this.addEventListener("message", ({ data }) => {
        if (typeof data !== "string") return;
        const { type, restart } = JSON.parse(data);
        if (type === "ice" && restart) watch.restarts++;
      });
    }
  };
}
