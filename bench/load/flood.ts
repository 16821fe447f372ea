/**
 * Floods a signaling server from one address: as many connections as the order says, all in one room,
 * to which each sends as fast as it can, and back again when it is cut off. Says `flooding`; ends with
 * its input.
 */
import type { Order } from "./run.ts";

export interface FloodOrder extends Order {
  /** What each sends to the room: text that counts as messages, or as few bytes as there may be. */
  readonly message: "signaling" | "game-data";
}

/** What may wait in one socket of ours, in bytes. */
const BACKLOG = 16_384;

const order: FloodOrder = JSON.parse(Deno.args[0] ?? "");
const message = order.message === "signaling"
  ? JSON.stringify({ type: "broadcast", payload: "x".repeat(200) })
  : Uint8Array.of(0);

for (let index = 0; index < order.clients; index++) flood();
console.log("flooding");
await Deno.stdin.readable.getReader().read();
Deno.exit(0);

function flood(): void {
  const socket = new WebSocket(order.url);
  let timer: ReturnType<typeof setInterval> | undefined;
  socket.onopen = () => {
    socket.send(JSON.stringify({ type: "join", room: "flood" }));
    timer = setInterval(() => {
      while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < BACKLOG) {
        socket.send(message);
      }
    }, 1);
  };
  socket.onerror = (event) => event.preventDefault();
  socket.onclose = () => {
    clearInterval(timer);
    setTimeout(flood, 100);
  };
}
