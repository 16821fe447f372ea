/**
 * Joins a room, or makes one where `room` is empty, and connects to every player in it.
 *
 *     connect("ABCD", { onChannel: (id, channel) => channel.onmessage = ({ data }) => … });
 *
 * @param {string} room
 * @param {{
 *   onJoined?: (room: string, id: string) => void,
 *   onChannel: (id: string, channel: RTCDataChannel) => void,
 *   onLeft?: (id: string) => void,
 *   onError?: (message: string) => void,
 *   server?: string,
 *   rtc?: RTCConfiguration,
 * }} game `server` is the address of this page unless given; `rtc` adds to each RTCPeerConnection.
 * @returns {() => void} leaves the room
 */
export function connect(room, game) {
  const socket = new WebSocket(
    new URL("/ws", game.server ?? location.href).href.replace("http", "ws"),
  );
  /** @type {Map<string, RTCPeerConnection>} */
  const peers = new Map();
  /** @type {RTCIceServer[]} */
  let iceServers = [];
  /** @param {object} message */
  const send = (message) => socket.send(JSON.stringify(message));

  /** @param {string} id */
  function peer(id) {
    const pc = new RTCPeerConnection({ ...game.rtc, iceServers });
    pc.onicecandidate = ({ candidate }) => {
      if (candidate) send({ type: "candidate", to: id, payload: candidate });
    };
    pc.ondatachannel = ({ channel }) => game.onChannel(id, channel);
    peers.set(id, pc);
    return pc;
  }

  const from = `player${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  socket.onopen = () => send(room ? { type: "join", room, from } : { type: "create", from });
  socket.onclose = () => game.onError?.("The connection to the server has ended.");
  socket.onmessage = async ({ data }) => {
    const message = JSON.parse(data);
    switch (message.type) {
      case "joined":
        iceServers = message.iceServers;
        game.onJoined?.(message.room, message.id);
        break;
      case "peer-joined": { // Who was here first calls, so that never both call at once.
        const pc = peer(message.id);
        game.onChannel(message.id, pc.createDataChannel("game"));
        await pc.setLocalDescription();
        send({ type: "offer", to: message.id, payload: pc.localDescription });
        break;
      }
      case "offer": {
        const pc = peer(message.from);
        await pc.setRemoteDescription(message.payload);
        await pc.setLocalDescription();
        send({ type: "answer", to: message.from, payload: pc.localDescription });
        break;
      }
      case "answer":
        await peers.get(message.from)?.setRemoteDescription(message.payload);
        break;
      case "candidate":
        await peers.get(message.from)?.addIceCandidate(message.payload);
        break;
      case "peer-left":
        peers.get(message.id)?.close();
        peers.delete(message.id);
        game.onLeft?.(message.id);
        break;
      case "bye":
      case "error":
        game.onError?.(message.message);
        break;
    }
  };

  return () => {
    socket.onmessage = socket.onclose = null;
    if (socket.readyState === WebSocket.OPEN) send({ type: "leave" });
    socket.close();
    for (const pc of peers.values()) pc.close();
  };
}
