/**
 * What relaying costs: CPU time of the TURN server for each packet of 160 bytes that came through,
 * the same load on Hearth, coturn and pion in turn. The npm package node-turn is not among them: it
 * binds channels and drops what comes through them, so nothing would be counted.
 */
import type { Contest, Contestant, Scenario } from "./contest.ts";
import { datagrams, datagramsAtHalfCapacity, type Way } from "./datagrams.ts";
import { BINDING, request } from "./load/stun.ts";
import { listen, PASSWORD, USERNAME } from "./load/turn_client.ts";
import { type Measure, type Running, whileHolding, withUclient } from "./measure.ts";
import { Child, freePort, ready } from "./process.ts";
import { buildC, buildGo, orHint, startHearth, temporaryFolder } from "./servers.ts";

function hearth(io: "plain" | "fast"): Contestant {
  return {
    name: `hearth, ${io}`,
    async start(scope, signal) {
      const { process, turnPort } = await startHearth(scope, { HEARTH_TURN_IO: io });
      return serving(process, turnPort, signal);
    },
  };
}

const coturn: Contestant = {
  name: "coturn",
  async start(scope, signal) {
    const port = freePort();
    const folder = await temporaryFolder(scope);
    const args = [
      ...["-n", "--lt-cred-mech", "--user", `${USERNAME}:${PASSWORD}`, "--realm", "game"],
      ...["--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", `${port}`],
      ...["--allow-loopback-peers", "--no-cli", "--no-tls", "--no-dtls", "--log-file", "stdout"],
      ...["--userdb", `${folder}/turndb`, "--pidfile", `${folder}/pid`],
    ];
    const process = await orHint("apt-get install coturn", () => new Child("turnserver", args));
    return serving(scope.use(process).drain(), port, signal);
  },
};

const pion: Contestant = {
  name: "pion",
  async start(scope, signal) {
    const program = await buildGo("pion", "golang-github-pion-turn.v2-dev", scope, signal);
    const port = freePort();
    const args = ["-listen", `127.0.0.1:${port}`, "-username", USERNAME, "-password", PASSWORD];
    return serving(scope.use(new Child(program, args)).drain(), port, signal);
  },
};

/** What the kernel takes for the datagrams alone: see `peers/floor/main.c`. */
const floorInC: Contestant = {
  name: "floor, C",
  async start(scope, signal) {
    const program = await buildC("peers/floor/main.c", scope, signal);
    const port = freePort();
    return serving(scope.use(new Child(program, [`${port}`])).drain(), port, signal);
  },
};

/** The same through the runtime's own sockets: see `peers/floor/plain.ts`. */
const floorInDeno: Contestant = {
  name: "floor, Deno",
  start(scope, signal) {
    const port = freePort();
    const script = new URL("peers/floor/plain.ts", import.meta.url).pathname;
    const flags = ["run", "--no-prompt", "--unstable-net", "--allow-net=127.0.0.1"];
    const process = new Child(Deno.execPath(), [...flags, script, `${port}`]);
    return serving(scope.use(process).drain(), port, signal);
  },
};

/** Both ways of a packet, each measured by `measure`. */
function scenarios(measure: (way: Way) => Measure): readonly Scenario[] {
  return [
    { name: "client → echo peer → client", unit: "round trip", measure: measure("echo") },
    { name: "client → client, both allocated here", unit: "packet", measure: measure("pair") },
  ];
}

export const relay: Contest = {
  name: "relay",
  reference: "coturn",
  contestants: [hearth("plain"), hearth("fast"), coturn, pion],
  scenarios: scenarios(datagrams),
  defaults: { clients: 50, rate: 5_000 },
};

/** How far ours is from what any server on this machine, or on this runtime, would take. */
export const floor: Contest = {
  ...relay,
  name: "relay-floor",
  contestants: [hearth("plain"), floorInDeno, hearth("fast"), floorInC, coturn],
  onlyByName: true,
};

/**
 * What a packet waits, at a load that nobody finds heavy; `--seconds 240` finds rare pauses. Those
 * of the machine are in all rows: the floor in C has no others.
 */
export const delay: Contest = {
  ...relay,
  name: "relay-delay",
  contestants: [hearth("plain"), hearth("fast"), coturn, floorInC],
  defaults: { clients: 50, rate: 1_000 },
  onlyByName: true,
};

/** How much a server carries where each packet that comes back sends the next; what it loses at half. */
export const capacity: Contest = {
  ...relay,
  name: "relay-capacity",
  pace: "half of what each carries",
  scenarios: scenarios(datagramsAtHalfCapacity).map((scenario) => ({
    ...scenario,
    name: `${scenario.name}, at half of capacity`,
  })),
  onlyByName: true,
};

/** What allocations cost that carry nothing: `--clients` of them. */
export const held: Contest = {
  ...relay,
  name: "relay-held",
  scenarios: [{ name: "allocations, idle", unit: "allocation", measure: whileHolding }],
  defaults: { clients: 1_000, rate: 1, seconds: 20 },
  pace: "nothing sent",
  onlyByName: true,
};

/** The second scenario again, by a load tool that nobody here wrote: a check of ours. */
export const uclient: Contest = {
  ...relay,
  name: "uclient",
  scenarios: [
    { name: "client → client, allocating included", unit: "packet", measure: withUclient },
  ],
};

/** Waits until the server answers a Binding request, as every TURN server does (RFC 8656 §5). */
async function serving(process: Child, port: number, signal: AbortSignal): Promise<Running> {
  const socket = listen("127.0.0.1");
  using _ = { [Symbol.dispose]: () => socket.close() };
  let answered = false;
  socket.receive().then(() => answered = true, () => {});
  await ready(process, signal, async () => {
    await socket.send(request(BINDING, new Map()), {
      transport: "udp",
      hostname: "127.0.0.1",
      port,
    });
    return answered;
  });
  return { process, url: `turn:127.0.0.1:${port}` };
}
