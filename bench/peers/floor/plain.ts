/**
 * The floor on this runtime: `main.c` again, through `Deno.listenDatagram`. A TURN server to our load
 * tool alone: no passwords, permissions, limits or lifetimes.
 */
import {
  addressOf,
  ALLOCATE,
  Attribute,
  attributesOf,
  BINDING,
  CHANNEL_BIND,
  REFRESH,
  request,
  xorAddress,
} from "../../load/stun.ts";
import { CHANNEL, listen } from "../../load/turn_client.ts";

interface Client {
  readonly at: Deno.NetAddr;
  readonly relay: Deno.DatagramConn;
  peer?: Deno.NetAddr;
  partner?: Client | undefined;
}

const LOOPBACK = "127.0.0.1";
const HEADER = 4;
const SUCCESS = 0x0100;
const REFUSED = 0x0110;
const byPort = new Map<number, Client>();
const byRelayPort = new Map<number, Client>();

const server = listen(LOOPBACK, Number(Deno.args[0]));
const buffer = new Uint8Array(65_536);
for (;;) {
  const [bytes, from] = await server.receive(buffer) as [Uint8Array<ArrayBuffer>, Deno.NetAddr];
  const client = byPort.get(from.port);
  if (bytes[0] !== CHANNEL >> 8) void server.send(answer(bytes, from, client), from);
  // What is sent is read when the send is carried out: it must not be the buffer itself.
  else if (client?.partner) void server.send(bytes.slice(), client.partner.at);
  else if (client?.peer) void client.relay.send(bytes.slice(HEADER), client.peer);
}

async function fromPeers({ relay, at }: Client): Promise<void> {
  const buffer = new Uint8Array(2_048);
  for (;;) {
    const [bytes] = await relay.receive(buffer);
    const frame = new Uint8Array(HEADER + bytes.length);
    frame.set([CHANNEL >> 8, CHANNEL & 0xff, bytes.length >> 8, bytes.length & 0xff]);
    frame.set(bytes, HEADER);
    void server.send(frame, at);
  }
}

function answer(
  bytes: Uint8Array<ArrayBuffer>,
  at: Deno.NetAddr,
  client: Client | undefined,
): Uint8Array<ArrayBuffer> {
  const method = bytes[1] ?? BINDING;
  const asked = attributesOf(bytes);
  const told = new Map<number, Uint8Array>();
  let kind = SUCCESS;
  if (method === ALLOCATE && !asked.has(Attribute.MESSAGE_INTEGRITY)) {
    kind = REFUSED;
    told.set(Attribute.ERROR_CODE, Uint8Array.of(0, 0, 4, 1));
    for (const type of [Attribute.REALM, Attribute.NONCE]) told.set(type, Uint8Array.of(1));
  } else if (method === ALLOCATE) {
    const made = { at, relay: listen(LOOPBACK) };
    const relayed = made.relay.addr as Deno.NetAddr;
    byPort.set(at.port, made);
    byRelayPort.set(relayed.port, made);
    fromPeers(made).catch(() => {});
    told.set(Attribute.XOR_RELAYED_ADDRESS, xorAddress(relayed));
  } else if (method === CHANNEL_BIND && client) {
    client.peer = { transport: "udp", ...addressOf(asked.get(Attribute.XOR_PEER_ADDRESS)) };
    client.partner = byRelayPort.get(client.peer.port);
  } else if (method === REFRESH && client) {
    byPort.delete(at.port);
    byRelayPort.delete((client.relay.addr as Deno.NetAddr).port);
    client.relay.close();
  }
  const message = request(method | kind, told);
  message.set(bytes.subarray(4, 20), 4);
  return message;
}
