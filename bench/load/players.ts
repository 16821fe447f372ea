/**
 * Players as a game has them: in pairs, each pair in a room, each with an allocation at the relay and a
 * channel to the other. They play for the order's seconds, say `held`, and stay until a line comes.
 */
import type { Order } from "./run.ts";
import { CHANNEL, TurnClient } from "./turn_client.ts";

export interface PlayersOrder extends Order {
  readonly turnPort: number;
}

const PAYLOAD = 160;

const order: PlayersOrder = JSON.parse(Deno.args[0] ?? "");
const sockets: WebSocket[] = [];
const allocations: Awaited<ReturnType<typeof TurnClient.allocate>>[] = [];
for (let index = 0; index < order.clients; index++) {
  sockets.push(await join(index));
  allocations.push(
    await TurnClient.allocate({ hostname: "127.0.0.1", port: order.turnPort }),
  );
}
for (const [index, { client }] of allocations.entries()) {
  const other = allocations[index ^ 1];
  if (other) await client.bind(other.relayed);
}

let received = 0;
for (const { client } of allocations) void client.receive(() => received++);
const datagram = new Uint8Array(4 + PAYLOAD);
new DataView(datagram.buffer).setUint32(0, CHANNEL << 16 | PAYLOAD);
const end = performance.now() + order.seconds * 1_000;
while (performance.now() < end) {
  for (const { client } of allocations) await client.send(datagram);
  await new Promise((resolve) => setTimeout(resolve, order.clients / order.rate * 1_000));
}
console.log(`held ${sockets.length} ${received}`);
await Deno.stdin.readable.getReader().read();
Deno.exit(0);

function join(index: number): Promise<WebSocket> {
  const socket = new WebSocket(order.url);
  const message = { type: "join", room: `room${index >> 1}`, from: `player${index}` };
  return new Promise((resolve, reject) => {
    socket.onopen = () => socket.send(JSON.stringify(message));
    socket.onerror = () => reject(new Error(`Player ${index} cannot connect`));
    socket.onmessage = ({ data }) => {
      const { type } = JSON.parse(data);
      if (type === "joined") resolve(socket);
      if (type === "error" || type === "bye") reject(new Error(data));
    };
  });
}
