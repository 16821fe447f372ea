/**
 * What the test of revocation does in a page. Playwright carries each function into it as text, so
 * they may use nothing from outside themselves.
 */

/**
 * Enters a room, relay only, and streams numbers to the peer it meets there, or hears them; goes on
 * until the page closes. Resolves once the data flows. `globalThis.stream` then tells more.
 *
 * @param {{ room: string, token?: string }} game
 * @returns {Promise<RTCIceServer[]>} what the server gave this player
 */
export async function stream({ room, token }) {
  const url = new URL("/ws", location.href).href.replace("http", "ws");
  const socket = new WebSocket(url, token ? ["hearth.v1", `hearth.token.${token}`] : ["hearth.v1"]);
  const state = { lastHeardAt: 0, closedAt: 0, closeCode: 0, bye: "" };
  Object.assign(globalThis, { stream: state });
  /** @type {PromiseWithResolvers<void>} */
  const flows = Promise.withResolvers();
  /** @type {RTCIceServer[]} */
  let iceServers = [];
  /** @type {RTCPeerConnection | undefined} */
  let pc;
  /** @param {object} message */
  const send = (message) => socket.send(JSON.stringify(message));
  /** @param {RTCDataChannel} channel */
  const use = (channel) => {
    channel.onopen = () => setInterval(() => channel.send(`${Date.now()}`), 5);
    channel.onmessage = () => {
      state.lastHeardAt = Date.now();
      flows.resolve();
    };
  };
  /** @param {string} id */
  const peer = (id) => {
    pc = new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" });
    pc.onicecandidate = ({ candidate }) => {
      if (candidate) send({ type: "candidate", to: id, payload: candidate });
    };
    pc.ondatachannel = ({ channel }) => use(channel);
    return pc;
  };
  socket.onopen = () => send({ type: "join", room });
  socket.onclose = ({ code }) => {
    state.closedAt = Date.now();
    state.closeCode = code;
  };
  socket.onmessage = async ({ data }) => {
    const message = JSON.parse(data);
    switch (message.type) {
      case "joined":
        iceServers = message.iceServers;
        break;
      case "peer-joined": {
        const calling = peer(message.id);
        use(calling.createDataChannel("game", { ordered: false, maxRetransmits: 0 }));
        await calling.setLocalDescription();
        send({ type: "offer", to: message.id, payload: calling.localDescription });
        break;
      }
      case "offer": {
        const called = peer(message.from);
        await called.setRemoteDescription(message.payload);
        await called.setLocalDescription();
        send({ type: "answer", to: message.from, payload: called.localDescription });
        break;
      }
      case "answer":
        await pc?.setRemoteDescription(message.payload);
        break;
      case "candidate":
        await pc?.addIceCandidate(message.payload);
        break;
      case "bye":
        state.bye = message.code;
        break;
    }
  };
  await flows.promise;
  return iceServers;
}

/**
 * Whether a relay gives an allocation for these ICE servers.
 *
 * @param {RTCIceServer[]} iceServers
 * @returns {Promise<boolean>}
 */
export async function relays(iceServers) {
  const pc = new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" });
  /** @type {PromiseWithResolvers<boolean>} */
  const gathered = Promise.withResolvers();
  let found = false;
  pc.onicecandidate = ({ candidate }) => {
    if (candidate?.type === "relay") found = true;
    if (candidate === null) gathered.resolve(found);
  };
  pc.createDataChannel("probe");
  await pc.setLocalDescription();
  const answer = await gathered.promise;
  pc.close();
  return answer;
}
