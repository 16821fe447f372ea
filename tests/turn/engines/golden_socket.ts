/** Plays a case of the golden table on an engine that runs in its worker, over sockets of loopback. */
import {
  address,
  formatAddress,
  type Ip,
  parseIp,
  type TransportAddress,
} from "../../../turn/address.ts";
import type { TurnConfig } from "../../../turn/config.ts";
import { CONFIG } from "../../support/turn_harness.ts";
import type { Case, Signed, Step } from "../core/golden_case.ts";
import { GoldenClient, nonceOf, unsignedAllocate } from "../core/golden_client.ts";

/**
 * Where the table's machines are on loopback. The ports are any free ones, so that cases can be
 * played side by side.
 */
const HERE = new Map([
  ["192.0.2.1", "127.2.0.1"],
  ["192.0.2.2", "127.2.0.2"],
  ["192.0.2.9", "127.2.0.9"],
  ["2001:db8:2::1", "::1"],
  // Forbidden, as all loopback is that the host has not opened.
  ["10.0.0.1", "127.10.0.1"],
  // The server's own.
  ["203.0.113.1", "127.0.0.1"],
  ["192.168.1.5", "127.0.0.5"],
]);

/** The table's configuration, moved to loopback, without limits: all come from one address. */
export function loopbackConfig(engine: TurnConfig["engine"]): TurnConfig {
  return {
    ...CONFIG,
    engine,
    hosts: ["127.0.0.1", "::1"],
    port: 0,
    externalIps: ["127.0.0.1", "::1"],
    relayPorts: { first: 49_152, last: 65_535 },
    ownIps: ["127.0.0.1", "127.0.0.5"],
    peerAllow: ["127.2.0.0/24", "::1/128"],
    limits: "off",
  };
}

/** Why a case cannot be had over a socket; undefined where it can. */
export function whyNotComparable({ given = [], then, config }: Case): string | undefined {
  if (config) return "another configuration";
  const steps = [...given, then];
  const needsClock = steps.some((step) =>
    "wait" in step || ("signed" in step && step.signed !== "not" &&
      (step.signed.nonce === "old" || /^\d+:/.test(step.signed.username ?? "")))
  );
  if (needsClock) return "a clock that is made up";
  return steps.some((step) => "drain" in step) ? "a server that drains" : undefined;
}

/** An answer that does not come within this is none. */
const PATIENCE_MS = 2_000;
/** How long more to listen for what should not come, once all that was asked before is done. */
const GRACE_MS = 200;

/** What came of the case's last step, in the table's words; `port` is the engine's. */
export async function playOnSocket(test: Case, port: number): Promise<string> {
  using player = new SocketPlayer(port);
  for (const step of test.given ?? []) await player.step(step, expectsAnswer(step));
  await player.step(test.then, test.expect !== "silence");
  if (test.expect === "silence") await player.listen();
  return player.outcome();
}

function expectsAnswer(step: Step): boolean {
  return "method" in step && step.class === undefined;
}

class SocketPlayer implements Disposable {
  readonly #server: Deno.NetAddr;
  readonly #socket = listen("127.0.0.1");
  readonly #peers = new Map<string, Deno.DatagramConn>();
  readonly #names = new Map<TransportAddress["key"], string>();
  readonly #client: GoldenClient;
  /** What came of the step that was taken last. */
  #toClient: Uint8Array[] = [];
  #toPeers: string[] = [];
  #arrived = Promise.withResolvers<void>();

  constructor(port: number) {
    this.#server = { transport: "udp", hostname: "127.0.0.1", port };
    this.#client = new GoldenClient({
      transport: "udp",
      client: boundTo(this.#socket),
      addressOf: (name) => this.#addressOf(name),
      nameOf: (address) => this.#names.get(address.key) ?? formatAddress(address),
    });
    this.#read(this.#socket, (bytes) => {
      this.#client.learn(bytes);
      this.#toClient.push(bytes);
    });
  }

  async step(step: Step, answered: boolean): Promise<void> {
    if ("wait" in step || "drain" in step) throw new Error("This cannot be had over a socket");
    const [bytes, from, to] = "peer" in step
      ? [Uint8Array.from(step.data), this.#peer(step.peer), this.#relayFor(step.peer)]
      : [await this.#bytesOf(step), this.#socket, this.#server];
    this.#toClient = [];
    this.#toPeers = [];
    await from.send(bytes, to);
    if (answered) await this.#until(() => this.#toClient.length + this.#toPeers.length > 0);
  }

  /** Waits until the engine has dealt with all that the client sent, and a little longer. */
  async listen(): Promise<void> {
    await challenge(this.#server);
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
  }

  /** What the last step led to, in the table's words. */
  outcome(): string {
    const said = this.#toClient.map((bytes) => this.#client.say(bytes));
    return [...said, ...this.#toPeers].join("; ") || "silence";
  }

  async #bytesOf(
    step: Exclude<Step, { peer: string } | { wait: number } | { drain: true }>,
  ): Promise<Uint8Array> {
    if ("bytes" in step) return Uint8Array.from(step.bytes);
    if (step.signed === "not") return this.#client.encode(step, "");
    const { nonce } = step.signed;
    return this.#client.encode(step, nonceOf(await this.#challenge(nonce), nonce));
  }

  /** One to this client, or to another. */
  async #challenge(kind: Signed["nonce"]): Promise<Uint8Array> {
    if (kind === "other") return await challenge(this.#server);
    this.#toClient = [];
    await this.#socket.send(unsignedAllocate(), this.#server);
    await this.#until(() => this.#toClient.length > 0);
    return this.#toClient[0] ?? new Uint8Array();
  }

  #addressOf(name: string): TransportAddress {
    const { hostname, port } = parse(name);
    const here = HERE.get(hostname);
    // What is not here is only ever refused, and port 0 is nobody's.
    if (here === undefined || port === 0) return transportAddress(here ?? hostname, port);
    return boundTo(this.#peer(name));
  }

  /** The socket of the peer that the table calls so. */
  #peer(name: string): Deno.DatagramConn {
    const bound = this.#peers.get(name);
    if (bound) return bound;
    const socket = listen(HERE.get(parse(name).hostname) ?? "127.0.0.1");
    this.#peers.set(name, socket);
    this.#names.set(boundTo(socket).key, name);
    this.#read(socket, (bytes) => this.#toPeers.push(`to ${name}: ${bytes.toHex()}`));
    return socket;
  }

  #relayFor(peer: string): Deno.NetAddr {
    const isV6 = peer.startsWith("[");
    const relay = this.#client.relayed.find(({ ip }) => (typeof ip === "string") === isV6);
    if (!relay) throw new Error("There is no relay for that peer");
    return { transport: "udp", hostname: isV6 ? "::1" : "127.0.0.1", port: relay.port };
  }

  async #read(socket: Deno.DatagramConn, take: (bytes: Uint8Array) => void): Promise<void> {
    for await (const [bytes] of socket) {
      take(bytes);
      this.#wake();
    }
  }

  #wake(): void {
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }

  async #until(came: () => boolean): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, PATIENCE_MS);
    while (!came() && !isLate) await this.#arrived.promise;
    clearTimeout(timer);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
    for (const socket of this.#peers.values()) socket.close();
  }
}

/** What a client that nobody knows is answered: after it, all that was sent before is dealt with. */
async function challenge(server: Deno.NetAddr): Promise<Uint8Array> {
  const stranger = listen("127.0.0.1");
  await stranger.send(unsignedAllocate(), server);
  const [bytes] = await stranger.receive();
  stranger.close();
  return bytes;
}

function listen(hostname: string): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
}

function boundTo(socket: Deno.DatagramConn): TransportAddress {
  const { hostname, port } = socket.addr as Deno.NetAddr;
  return transportAddress(hostname, port);
}

function transportAddress(hostname: string, port: number): TransportAddress {
  return address(parseIp(hostname) as Ip, port);
}

/** Reads `192.0.2.1:99` or `[2001:db8::1]:99`. */
function parse(name: string): { hostname: string; port: number } {
  const cut = name.lastIndexOf(":");
  return {
    hostname: name.slice(0, cut).replace(/^\[|\]$/g, ""),
    port: Number(name.slice(cut + 1)),
  };
}
