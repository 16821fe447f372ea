import { cpuUsage } from "node:process";
import type { Registry } from "prom-client";

/** What signaling counts; a subset of its own stats. */
export interface SignalingNumbers {
  readonly connections: number;
  readonly rooms: number;
  readonly peers: number;
  readonly peersAway: number;
  readonly received: number;
  readonly sent: number;
  readonly relayedBytes: number;
  readonly faultsByCode: Readonly<Record<string, number>>;
  readonly endsByCode: Readonly<Record<string, number>>;
}

/** What the relay counts; its own stats. */
export interface TurnNumbers {
  readonly allocations: number;
  readonly permissions: number;
  readonly channels: number;
  readonly allocated: number;
  readonly clientBytes: number;
  readonly clientPackets: number;
  readonly peerBytes: number;
  readonly peerPackets: number;
  readonly inProcessPackets: number;
  readonly refusedByCode: Readonly<Record<string, number>>;
  readonly droppedByReason: Readonly<Record<string, number>>;
  readonly limitedBy: Readonly<Record<string, number>>;
}

export interface ProcessNumbers {
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly cpuSeconds: number;
  readonly uptimeSeconds: number;
}

export interface MetricSources {
  signaling(): SignalingNumbers;
  /** Undefined while the relay is down. */
  turn(): Promise<TurnNumbers | undefined> | TurnNumbers | undefined;
  process(): ProcessNumbers;
  readonly version: string;
}

/** One metric of a part: how it is named and explained, and where its value stands. */
type Metric<Numbers> =
  & {
    /** After `hearth_`; a counter ends in `_total` and only grows, anything else is a gauge. */
    readonly name: string;
    readonly help: string;
  }
  & (
    | { readonly label?: undefined; read(numbers: Numbers): number }
    | {
      /** What tells the values apart. */
      readonly label: string;
      read(numbers: Numbers): Readonly<Record<string, number>>;
    }
  );

const SIGNALING: readonly Metric<SignalingNumbers>[] = [
  { name: "connections", help: "Open WebSocket connections.", read: (n) => n.connections },
  { name: "rooms", help: "Rooms with somebody in them or expected back.", read: (n) => n.rooms },
  { name: "peers", help: "Peers in rooms, those away included.", read: (n) => n.peers },
  {
    name: "peers_away",
    help: "Peers whose connection is lost and whose place is kept.",
    read: (n) => n.peersAway,
  },
  { name: "messages_received_total", help: "Messages from players.", read: (n) => n.received },
  { name: "messages_sent_total", help: "Messages to players.", read: (n) => n.sent },
  {
    name: "game_bytes_total",
    help: "Bytes of game data taken in to go through the server.",
    read: (n) => n.relayedBytes,
  },
  {
    name: "faults_total",
    help: "Messages that were refused.",
    label: "code",
    read: (n) => n.faultsByCode,
  },
  {
    name: "ended_connections_total",
    help: "Connections that the server ended.",
    label: "code",
    read: (n) => n.endsByCode,
  },
];

const TURN: readonly Metric<TurnNumbers>[] = [
  { name: "turn_allocations", help: "Allocations.", read: (n) => n.allocations },
  { name: "turn_permissions", help: "Permissions of all allocations.", read: (n) => n.permissions },
  { name: "turn_channels", help: "Channels of all allocations.", read: (n) => n.channels },
  { name: "turn_allocated_total", help: "Allocations ever made.", read: (n) => n.allocated },
  {
    name: "turn_client_bytes_total",
    help: "Bytes of data from players, to be relayed.",
    read: (n) => n.clientBytes,
  },
  {
    name: "turn_client_packets_total",
    help: "Packets of data from players, to be relayed.",
    read: (n) => n.clientPackets,
  },
  {
    name: "turn_peer_bytes_total",
    help: "Bytes of data from peers, to be relayed.",
    read: (n) => n.peerBytes,
  },
  {
    name: "turn_peer_packets_total",
    help: "Packets of data from peers, to be relayed.",
    read: (n) => n.peerPackets,
  },
  {
    name: "turn_in_process_packets_total",
    help: "Packets between two allocations of this server, without a socket.",
    read: (n) => n.inProcessPackets,
  },
  {
    name: "turn_refused_total",
    help: "Requests answered with an error.",
    label: "code",
    read: (n) => n.refusedByCode,
  },
  {
    name: "turn_dropped_total",
    help: "Datagrams neither answered nor relayed.",
    label: "reason",
    read: (n) => n.droppedByReason,
  },
  {
    name: "turn_limited_total",
    help:
      "Requests, datagrams and connections that a limit of the relay refused, by the limit's name: allocationsPerUser is HEARTH_TURN_ALLOCATIONS_PER_USER.",
    label: "limit",
    read: (n) => n.limitedBy,
  },
];

const PROCESS: readonly Metric<ProcessNumbers>[] = [
  { name: "resident_memory_bytes", help: "Resident memory.", read: (n) => n.residentBytes },
  {
    name: "heap_bytes",
    help: "JavaScript heap in use by the main thread.",
    read: (n) => n.heapBytes,
  },
  {
    name: "cpu_seconds_total",
    help: "Processor time, user and system.",
    read: (n) => n.cpuSeconds,
  },
  { name: "uptime_seconds", help: "Time since the start.", read: (n) => n.uptimeSeconds },
];

const RELAY_UP = { name: "turn_up", label: undefined, help: "1 while the relay runs." };
const INFO = { name: "info", label: "version", help: "Always 1; the version is in the label." };

/**
 * The metrics as Prometheus text, read anew at each call. No label ever holds a player's name,
 * address or room: they are unbounded, and nobody's business.
 */
export function metricsOf(sources: MetricSources): () => Promise<string> {
  let made: Promise<() => Promise<string>> | undefined;
  return async () => await (await (made ??= makeMetrics(sources)))();
}

/** Of the library, which is read when somebody first asks for metrics: many hosts never do. */
type Prometheus = typeof import("prom-client");

async function makeMetrics(sources: MetricSources): Promise<() => Promise<string>> {
  const prometheus: Prometheus = await import("prom-client");
  const registry = new prometheus.Registry();
  const registers = [registry];
  const signaling = register(prometheus, registry, SIGNALING);
  const turn = register(prometheus, registry, TURN);
  const process = register(prometheus, registry, PROCESS);
  const up = new prometheus.Gauge({
    name: `hearth_${RELAY_UP.name}`,
    help: RELAY_UP.help,
    registers,
  });
  new prometheus.Gauge({
    name: `hearth_${INFO.name}`,
    help: INFO.help,
    labelNames: [INFO.label],
    registers,
  }).set({ version: sources.version }, 1);
  return async () => {
    const relay = await sources.turn();
    up.set(relay ? 1 : 0);
    if (relay) turn(relay);
    signaling(sources.signaling());
    process(sources.process());
    return await registry.metrics();
  };
}

/** The metrics as a table for the documents. */
export function metricsTable(): string {
  const rows = [...SIGNALING, ...TURN, ...PROCESS, RELAY_UP, INFO].map(({ name, label, help }) =>
    `| \`hearth_${name}\` | ${label === undefined ? "" : `\`${label}\``} | ${help} |`
  );
  return ["| metric | label | |", "|---|---|---|", ...rows].join("\n");
}

/** Makes the metrics of one part; what comes back takes their values in. */
function register<Numbers>(
  { Counter, Gauge }: Prometheus,
  registry: Registry,
  metrics: readonly Metric<Numbers>[],
): (numbers: Numbers) => void {
  const writers = metrics.map((metric) => {
    const { name, help, label } = metric;
    const settings = {
      name: `hearth_${name}`,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
    };
    const kept = name.endsWith("_total") ? new Counter(settings) : new Gauge(settings);
    return (numbers: Numbers) => {
      // The parts count by themselves: a reset and the whole sum is how a counter is set.
      kept.reset();
      if (metric.label === undefined) return kept.inc(metric.read(numbers));
      for (const [one, sum] of Object.entries(metric.read(numbers))) {
        kept.inc({ [metric.label]: one }, sum);
      }
    };
  });
  return (numbers) => writers.forEach((write) => write(numbers));
}

/** What this process takes, from the runtime. */
export function processNumbers(): ProcessNumbers {
  const { rss, heapUsed } = Deno.memoryUsage();
  const { user, system } = cpuUsage();
  return {
    residentBytes: rss,
    heapBytes: heapUsed,
    cpuSeconds: (user + system) / 1e6,
    uptimeSeconds: performance.now() / 1000,
  };
}
