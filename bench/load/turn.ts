/**
 * Loads a TURN server with ChannelData of 160 bytes (a voice packet, a game's update) and counts what
 * comes back. `way` is `echo` (client → server → echo peer → server → client) or `pair` (client →
 * server → client, both with an allocation on it).
 */
import type { Meter } from "./meter.ts";
import { type Order, runLoad } from "./run.ts";
import type { Address } from "./stun.ts";
import { CHANNEL, TurnClient } from "./turn_client.ts";

export interface TurnOrder extends Order {
  readonly way: "echo" | "pair";
}

const PAYLOAD = 160;
const HEADER = 4;

const order: TurnOrder = JSON.parse(Deno.args[0] ?? "");
const { hostname, port } = new URL(order.url.replace("turn:", "http://"));

const clients: TurnClient[] = [];
const relayed: Address[] = [];
for (let index = 0; index < order.clients; index++) {
  const allocation = await TurnClient.allocate({ hostname, port: Number(port) });
  clients.push(allocation.client);
  relayed.push(allocation.relayed);
}

const peers = order.way === "echo" ? clients.map(() => echoPeer()) : relayed.map(partnerOf);
for (const [index, client] of clients.entries()) {
  const peer = peers[index];
  if (peer) await client.bind(peer);
}

/** Of two neighbours each is the other's peer. */
function partnerOf(_: Address, index: number): Address | undefined {
  return relayed[index ^ 1];
}

function echoPeer(): Address {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  void (async () => {
    const buffer = new Uint8Array(2_048);
    for (;;) {
      const [datagram, from] = await socket.receive(buffer);
      await socket.send(datagram, from);
    }
  })();
  return socket.addr as Deno.NetAddr;
}

/** Runs are numbered: a straggler of the warm-up counts nowhere. */
let run = 0;
let meter: Meter;

for (const client of clients) {
  void client.receive((datagram) => {
    if (datagram.length !== HEADER + PAYLOAD) return;
    const view = new DataView(datagram.buffer, HEADER);
    if (view.getUint32(0) === run) meter.arrived(view.getUint32(4), view.getFloat64(8));
  });
}

await runLoad(order, (now) => {
  run++;
  meter = now;
  const datagram = new Uint8Array(HEADER + PAYLOAD);
  const view = new DataView(datagram.buffer);
  view.setUint16(0, CHANNEL);
  view.setUint16(2, PAYLOAD);
  view.setUint32(HEADER, run);
  return async (number) => {
    view.setUint32(HEADER + 4, number);
    view.setFloat64(HEADER + 8, performance.now());
    await clients[number % clients.length]?.send(datagram);
  };
});

for (const client of clients) await client.release();
Deno.exit();
