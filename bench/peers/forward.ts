/**
 * The floor of the signaling comparison: what Deno's own WebSocket costs. It reads the join and then
 * passes each frame unread to the other one in the room: no parsing, no checks, no limits. With
 * `parsed` it reads each as JSON, says whom it is from and writes it again: what no server can leave out.
 */
const parses = Deno.args[1] === "parsed";
const rooms = new Map<string, WebSocket[]>();

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} }, (request) => {
  if (request.headers.get("upgrade") !== "websocket") return new Response();
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => {
    const { room, from } = JSON.parse(data);
    const members = rooms.get(room) ?? [];
    rooms.set(room, members);
    members.push(socket);
    socket.onmessage = ({ data }) => {
      const frame = parses ? JSON.stringify({ ...JSON.parse(data), from }) : data;
      for (const member of members) if (member !== socket) member.send(frame);
    };
    socket.onclose = () => rooms.delete(room);
    socket.send(JSON.stringify({ type: "joined", room }));
  };
  return response;
});
