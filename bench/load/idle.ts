/**
 * Holds idle connections: clients in pairs, each pair in a room of its own. Says `ready` when the
 * first few are there and `held` when all are, each time waiting for a line.
 */
import type { Order } from "./run.ts";

/** Enough for the server to have grown what it grows but once. */
const FIRST = 500;
const AT_ONCE = 50;

const order: Order = JSON.parse(Deno.args[0] ?? "");
const lines = Deno.stdin.readable.getReader();
const sockets: WebSocket[] = [];

for (
  const [until, word] of [[Math.min(FIRST, order.clients / 2), "ready"], [
    order.clients,
    "held",
  ]] as const
) {
  while (sockets.length < until) {
    const next = Array.from(
      { length: Math.min(AT_ONCE, until - sockets.length) },
      (_, index) => join(sockets.length + index),
    );
    sockets.push(...await Promise.all(next));
  }
  console.log(`${word} ${sockets.length}`);
  await lines.read();
}
Deno.exit(0);

function join(index: number): Promise<WebSocket> {
  const socket = new WebSocket(order.url);
  const message = { type: "join", room: `room${index >> 1}`, from: `player${index}` };
  return new Promise((resolve, reject) => {
    socket.onopen = () => socket.send(JSON.stringify(message));
    socket.onmessage = ({ data }) => {
      const { type } = JSON.parse(data);
      if (type === "joined") resolve(socket);
      if (type === "error" || type === "bye") reject(new Error(data));
    };
    socket.onclose = ({ code, reason }) => {
      throw new Error(`Connection ${index} closed with ${code} ${reason}`);
    };
  });
}
