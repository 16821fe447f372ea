import type { AddressKey, ClientAddress, Family, PeerAddress, ServerAddress } from "../address.ts";
import type { TurnConfig, TurnLimits, TurnSettings } from "../config.ts";
import {
  type Effects,
  type FiveTuple,
  flowKey,
  MAX_LISTENERS,
  type Relay,
  type TurnCore,
  type TurnEvent,
} from "../core/mod.ts";
import { Alarm } from "./alarm.ts";
import { type Client, UdpClient } from "./client.ts";
import { type IoStats, zeroCounters } from "./counters.ts";
import { bind, type Bound } from "./listen.ts";
import { NetAddrs } from "./net_addr.ts";
import { RecentMap } from "./recent.ts";
import { RelaySockets } from "./relay.ts";
import { TcpClients, type TcpLimits } from "./tcp.ts";
import { openFast } from "./fast/mod.ts";
import { PlainUdp } from "./plain.ts";
import type { Udp, UdpSocket } from "./udp.ts";

/** The system refuses what the server needs; it goes on as well as it can. */
export interface Trouble {
  readonly kind: "trouble";
  readonly what: "cannot accept connections" | "cannot bind a relay";
  readonly why: string;
}

/** How a driver came to be: what it needs to make its core. */
export interface DriverSetup {
  readonly config: Pick<TurnConfig, "io" | "hosts" | "port" | "limits" | "insideToken">;
  createCore(effects: Effects): TurnCore;
  note(event: TurnEvent | Trouble): void;
}

export type Opened =
  | { readonly kind: "open"; readonly driver: Driver }
  | { readonly kind: "unable"; readonly reason: string };

/** UDP clients that are remembered, so that their packets cost no new objects. */
const REMEMBERED_CLIENTS = 8_192;

/** What the limits for TCP are without limits: nobody's memory is without end. */
const UNLIMITED: TcpLimits = {
  connections: Infinity,
  connectionsPerAddress: Infinity,
  idleMs: 60_000,
  bufferBytes: 16 * 2 ** 20,
};

/** Binds every listener and serves, or says why that cannot be. */
export function open(setup: DriverSetup): Opened {
  const { hosts, insideToken } = setup.config;
  const most = MAX_LISTENERS - (insideToken === undefined ? 0 : 1);
  if (hosts.length > most) {
    const reason = `Cannot listen on ${hosts.length} addresses: ${most} are the most. ` +
      "Name fewer in HEARTH_TURN_HOST.";
    return { kind: "unable", reason };
  }
  const bound = bind(hosts, setup.config.port);
  if (bound.kind === "unable") return bound;
  return { kind: "open", driver: new Driver(setup, bound) };
}

/** Carries datagrams, frames and time to the core, and its effects to sockets. Decides nothing. */
export class Driver implements Effects {
  readonly core: TurnCore;
  readonly port: number;
  readonly addresses: {
    readonly udp: readonly Deno.NetAddr[];
    readonly tcp: readonly Deno.NetAddr[];
  };
  /** Where this program's own TLS brings its streams, on 127.0.0.1. */
  readonly insidePort: number | undefined;
  /** What the host should know, one sentence each. */
  readonly remarks: readonly string[];
  readonly note: DriverSetup["note"];
  readonly #counters = zeroCounters();
  readonly #names = new NetAddrs();
  readonly #udp: Udp;
  readonly #alarm = new Alarm(clock, (now) => this.#wake(now));
  readonly #sockets: UdpSocket[] = [];
  readonly #relays: RelaySockets;
  readonly #tcp: TcpClients;

  constructor(
    { config, createCore, note }: DriverSetup,
    { port, listeners }: Bound & { readonly kind: "bound" },
  ) {
    this.port = port;
    this.note = note;
    const fast = config.io === "fast"
      ? openFast(this.#counters, () => this.#tcp.size === 0)
      : undefined;
    this.#udp = fast?.kind === "open" ? fast.udp : new PlainUdp(this.#counters);
    this.remarks = fast?.kind === "unable"
      ? [`HEARTH_TURN_IO=fast cannot be had: ${fast.reason}. Plain sockets are used.`]
      : [];
    this.#relays = new RelaySockets(
      relayHosts(config.hosts),
      this.#udp,
      (relay, peer, bytes, now) => {
        this.core.fromPeer(relay, peer, bytes, now);
        this.#alarm.setBy(this.core.deadline());
      },
    );
    this.#tcp = new TcpClients(tcpLimits(config.limits), this.#counters, this.#names, {
      frame: (connection, bytes) => this.#fromClient(connection, bytes, clock()),
      gone: (connection) => this.core.clientGone(connection, clock()),
      hasAllocation: (connection) => this.core.hasAllocation(connection),
      deadlineChanged: () => this.#alarm.setBy(this.#tcp.deadline()),
      cannotAccept: (why) => note({ kind: "trouble", what: "cannot accept connections", why }),
    }, clock);
    this.core = createCore(this);
    this.addresses = {
      udp: listeners.map(({ udp }) => udp.addr as Deno.NetAddr),
      tcp: listeners.map(({ tcp }) => tcp.addr),
    };
    for (const [index, { udp, tcp }] of listeners.entries()) {
      this.#listen(udp, index);
      this.#tcp.listen(tcp, index);
    }
    if (config.insideToken !== undefined) {
      const inside = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      this.insidePort = inside.addr.port;
      this.#tcp.listenInside(inside, listeners.length, config.insideToken);
    }
  }

  toClient(flow: FiveTuple, bytes: Uint8Array): void {
    (flow as Client).send(bytes);
  }

  toPeer(relay: Relay, peer: PeerAddress, bytes: Uint8Array): void {
    this.#relays.send(relay, peer, bytes);
  }

  openRelay(relay: Relay): boolean {
    try {
      this.#relays.open(relay);
      return true;
    } catch (error) {
      this.#counters.relayFailures++;
      if (!(error instanceof Deno.errors.AddrInUse)) {
        this.note({ kind: "trouble", what: "cannot bind a relay", why: String(error) });
      }
      return false;
    }
  }

  closeRelay(relay: Relay): void {
    this.#relays.close(relay);
  }

  closeClient(flow: FiveTuple): void {
    (flow as Client).end();
  }

  stats(): IoStats {
    return { ...this.#counters, tcpConnections: this.#tcp.size, relaySockets: this.#relays.size };
  }

  /** Ends every allocation, connection and socket; resolves when the system has them back. */
  async close(): Promise<void> {
    this.core.shutdown(clock());
    const closing = [this.#tcp.close(), ...this.#sockets.map((socket) => socket.close())];
    await Promise.all([...closing, this.#relays.closeAll()]);
    await this.#udp.close();
    this.#alarm.clear();
  }

  #listen(conn: Deno.DatagramConn, index: number): void {
    const socket = this.#udp.open(() => conn);
    const server = this.#names.read<ServerAddress>(conn.addr as Deno.NetAddr);
    const known = new RecentMap<AddressKey, UdpClient>(REMEMBERED_CLIENTS);
    this.#sockets.push(socket);
    socket.receive((bytes, from, now) => {
      const client = from as ClientAddress;
      let flow = known.get(client.key);
      if (!flow) {
        flow = new UdpClient(socket, client, server, flowKey(index, "udp", client));
        known.set(client.key, flow);
      }
      this.#fromClient(flow, bytes, now);
    });
  }

  #fromClient(flow: Client, bytes: Uint8Array, now: number): void {
    this.core.fromClient(flow, bytes, now);
    this.#alarm.setBy(this.core.deadline());
  }

  configure(settings: TurnSettings): void {
    this.#tcp.limit(tcpLimits(settings.limits));
    this.core.configure(settings, clock());
  }

  #wake(now: number): void {
    this.core.wake(now);
    this.#tcp.wake(now);
    this.#alarm.setBy(Math.min(this.core.deadline(), this.#tcp.deadline()));
  }
}

const clock = () => performance.now();

function tcpLimits(limits: TurnLimits | "off"): TcpLimits {
  if (limits === "off") return UNLIMITED;
  return {
    connections: limits.tcpConnections,
    connectionsPerAddress: limits.tcpConnectionsPerAddress,
    idleMs: limits.tcpIdleSeconds * 1_000,
    bufferBytes: limits.tcpBufferBytes,
  };
}

/**
 * Where relays of each family are bound: to the one address that is listened on, or to all. `::`
 * listens on IPv4 too.
 */
function relayHosts(hosts: readonly string[]): Map<Family, string> {
  const found = new Map<Family, string>();
  for (const [family, all] of [[4, "0.0.0.0"], [6, "::"]] as const) {
    const own = hosts.filter((host) => host.includes(":") === (family === 6));
    const [only] = own;
    if (own.length > 1) found.set(family, all);
    else if (only !== undefined) found.set(family, only);
    else if (hosts.includes("::")) found.set(family, all);
  }
  return found;
}
