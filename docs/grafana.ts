/** The dashboard for Grafana: which metrics are seen together, and as what. */

interface Curve {
  /** PromQL; `$job` is the job that Prometheus was given for Hearth. */
  readonly expr: string;
  readonly legend: string;
}

interface Panel {
  readonly title: string;
  readonly description: string;
  /** Of Grafana's units. */
  readonly unit: "short" | "bytes" | "Bps" | "pps" | "ops" | "percentunit" | "s" | "bool_yes_no";
  readonly curves: readonly Curve[];
}

const gauge = (metric: string, legend: string): Curve => ({
  expr: `hearth_${metric}{job="$job"}`,
  legend,
});
const rate = (metric: string, legend: string): Curve => ({
  expr: `rate(hearth_${metric}{job="$job"}[$__rate_interval])`,
  legend,
});

const PANELS: readonly Panel[] = [
  {
    title: "Players",
    description: "Away: the connection is lost, and the place is kept.",
    unit: "short",
    curves: [
      gauge("peers", "in rooms"),
      gauge("peers_away", "away"),
      gauge("connections", "connections"),
      gauge("rooms", "rooms"),
    ],
  },
  {
    title: "Relay",
    description: "Allocations are players who need the relay, or might.",
    unit: "short",
    curves: [
      gauge("turn_allocations", "allocations"),
      gauge("turn_permissions", "permissions"),
      gauge("turn_channels", "channels"),
    ],
  },
  {
    title: "Relayed bytes",
    description: "The sum, and as much again goes out: compare it with your line.",
    unit: "Bps",
    curves: [
      rate("turn_client_bytes_total", "from players"),
      rate("turn_peer_bytes_total", "from peers"),
      rate("game_bytes_total", "by WebSocket"),
    ],
  },
  {
    title: "Relayed packets",
    description: "In process: between two players of this server, without a socket.",
    unit: "pps",
    curves: [
      rate("turn_client_packets_total", "from players"),
      rate("turn_peer_packets_total", "from peers"),
      rate("turn_in_process_packets_total", "in process"),
    ],
  },
  {
    title: "Messages of signaling",
    description: "JSON over WebSocket.",
    unit: "ops",
    curves: [
      rate("messages_received_total", "from players"),
      rate("messages_sent_total", "to players"),
    ],
  },
  {
    title: "Refused at the relay",
    description: "401 and 438 open every conversation; others have a line in the log.",
    unit: "ops",
    curves: [
      rate("turn_refused_total", "{{code}}"),
      rate("turn_allocated_total", "granted allocations"),
    ],
  },
  {
    title: "Limits that were met",
    description:
      "By the name of the option: allocationsPerUser is HEARTH_TURN_ALLOCATIONS_PER_USER.",
    unit: "ops",
    curves: [rate("turn_limited_total", "{{limit}}")],
  },
  {
    title: "Dropped and refused otherwise",
    description: "Datagrams, messages, and connections that the server ended.",
    unit: "ops",
    curves: [
      rate("turn_dropped_total", "datagram: {{reason}}"),
      rate("faults_total", "message: {{code}}"),
      rate("ended_connections_total", "connection: {{code}}"),
    ],
  },
  {
    title: "Processor",
    description: "Cores; the relay uses one at most.",
    unit: "percentunit",
    curves: [rate("cpu_seconds_total", "cores")],
  },
  {
    title: "Memory",
    description: "Resident, and the heap of the main thread.",
    unit: "bytes",
    curves: [gauge("resident_memory_bytes", "resident"), gauge("heap_bytes", "heap")],
  },
  {
    title: "Relay runs",
    description: "No while its worker is down: /readyz is 503 then.",
    unit: "bool_yes_no",
    curves: [gauge("turn_up", "relay")],
  },
  {
    title: "Time since the start",
    description: "Where it falls to 0, the server was started anew; the version is beside it.",
    unit: "s",
    curves: [{
      expr: `hearth_uptime_seconds{job="$job"} * on(instance) group_left(version) hearth_info`,
      legend: "{{version}}",
    }],
  },
];

const [COLUMNS, WIDTH, HEIGHT] = [2, 12, 8];

/** The dashboard as Grafana imports it; it asks for the source of data and the job. */
export function grafanaDashboard(): string {
  const datasource = { type: "prometheus", uid: "${datasource}" };
  const dashboard = {
    title: "Hearth",
    uid: "hearth",
    schemaVersion: 39,
    tags: ["hearth"],
    time: { from: "now-6h", to: "now" },
    refresh: "30s",
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus" },
        {
          name: "job",
          type: "query",
          datasource,
          query: "label_values(hearth_info, job)",
          refresh: 1,
        },
      ],
    },
    panels: PANELS.map(({ title, description, unit, curves }, index) => ({
      id: index + 1,
      type: "timeseries",
      title,
      description,
      datasource,
      gridPos: {
        x: index % COLUMNS * WIDTH,
        y: Math.floor(index / COLUMNS) * HEIGHT,
        w: WIDTH,
        h: HEIGHT,
      },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      targets: curves.map(({ expr, legend }, number) => ({
        refId: String.fromCharCode(65 + number),
        datasource,
        expr,
        legendFormat: legend,
      })),
    })),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
