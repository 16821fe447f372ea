/**
 * What signaling costs: CPU time of the server for each candidate passed from one player to another,
 * beside a Go server of the same shape, the server of PeerJS, and Deno's own WebSocket as the floor.
 */
import { serverFlags } from "../compile/mod.ts";
import project from "../deno.json" with { type: "json" };
import type { Contest, Contestant } from "./contest.ts";
import { type Running, withTool } from "./measure.ts";
import { answersHttp, Child, freePort, ready } from "./process.ts";
import { buildGo, startHearth } from "./servers.ts";

export const hearth: Contestant = {
  name: "hearth",
  async start(scope, signal) {
    const { process, httpPort } = await startHearth(scope);
    return serving(process, httpPort, signal);
  },
};

const gorilla: Contestant = {
  name: "gorilla",
  async start(scope, signal) {
    const packages = "golang-github-gorilla-websocket-dev";
    const program = await buildGo("gorilla", packages, scope, signal);
    const port = freePort();
    const process = scope.use(new Child(program, ["-listen", `127.0.0.1:${port}`])).drain();
    return serving(process, port, signal);
  },
};

/** In its own protocol. Deno runs it, as all that is compared here but Go. */
const peerServer: Contestant = {
  name: "PeerServer",
  start(scope, signal) {
    const port = freePort();
    const process = runPeer(scope, "peer_server.ts", ["--allow-env", "--allow-read"], [`${port}`]);
    return serving(process, port, signal, "/peerjs");
  },
};

export const floor = bare("bare deno");
/** With V8 told what `start` tells it. */
export const likeFloor = bare("bare deno, V8 as ours", {
  flags: serverFlags(project, "").filter((flag) => flag.startsWith("--v8-flags=")),
});

interface BareOptions {
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
}

function bare(name: string, { flags = [], args = [] }: BareOptions = {}): Contestant {
  return {
    name,
    start(scope, signal) {
      const port = freePort();
      return serving(runPeer(scope, "forward.ts", flags, [`${port}`, ...args]), port, signal);
    },
  };
}

function runPeer(
  scope: AsyncDisposableStack,
  program: string,
  more: readonly string[],
  args: readonly string[],
): Child {
  const path = new URL(`peers/${program}`, import.meta.url).pathname;
  const flags = ["run", "--no-prompt", "--frozen", "--allow-net=127.0.0.1", ...more];
  return scope.use(new Child(Deno.execPath(), [...flags, path, ...args])).drain();
}

export const signaling: Contest = {
  name: "signaling",
  reference: "gorilla",
  contestants: [
    hearth,
    gorilla,
    peerServer,
    floor,
    bare("bare deno, parsed", { args: ["parsed"] }),
  ],
  scenarios: [
    {
      name: "candidates within pairs",
      unit: "message",
      measure: withTool("load/websocket.ts"),
    },
  ],
  defaults: { clients: 100, rate: 10_000 },
};

async function serving(
  process: Child,
  port: number,
  signal: AbortSignal,
  path = "/ws",
): Promise<Running> {
  await ready(process, signal, () => answersHttp(port));
  return { process, url: `ws://127.0.0.1:${port}${path}` };
}
