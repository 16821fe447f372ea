/** Makes allocations that carry nothing, says how many there are, and gives them back when told. */
import { TurnClient } from "./turn_client.ts";

/** Asked for at the same time: a server's queue takes that many at once. */
const AT_ONCE = 20;

const LOST_MS = 500;

/** Apart from the server's, so that thousands of clients leave it the ports of its relays. */
const LOCAL = "127.0.0.2";

const order: { readonly url: string; readonly clients: number } = JSON.parse(Deno.args[0] ?? "");
const { hostname, port } = new URL(order.url.replace("turn:", "http://"));

const clients: TurnClient[] = [];
while (clients.length < order.clients) {
  const count = Math.min(AT_ONCE, order.clients - clients.length);
  const made = await Promise.all(
    Array.from(
      { length: count },
      () => TurnClient.allocate({ hostname, port: Number(port) }, LOCAL),
    ),
  );
  clients.push(...made.map(({ client }) => client));
}
console.log(clients.length);
await Deno.stdin.readable.getReader().read();
while (clients.length > 0) {
  const ending = clients.splice(0, AT_ONCE).map((client) => client.end());
  // An answer that is lost is not waited for longer than this.
  const late = new Promise((resolve) => setTimeout(resolve, LOST_MS));
  await Promise.race([Promise.all(ending), late]);
}
Deno.exit();
