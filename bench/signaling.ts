/**
 * What signaling costs: CPU time of the server for each candidate passed from one player to another,
 * beside a Go server of the same shape and Deno's own WebSocket as the floor.
 */
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

export const floor: Contestant = {
  name: "bare deno",
  start(scope, signal) {
    const port = freePort();
    const program = new URL("peers/forward.ts", import.meta.url).pathname;
    const args = ["run", "--no-prompt", "--allow-net=127.0.0.1", program, String(port)];
    return serving(scope.use(new Child(Deno.execPath(), args)).drain(), port, signal);
  },
};

export const signaling: Contest = {
  name: "signaling",
  reference: "gorilla",
  contestants: [hearth, gorilla, floor],
  scenarios: [
    {
      name: "candidates within pairs",
      unit: "message",
      measure: withTool("load/websocket.ts"),
    },
  ],
  defaults: { clients: 100, rate: 10_000 },
};

async function serving(process: Child, port: number, signal: AbortSignal): Promise<Running> {
  await ready(process, signal, () => answersHttp(port));
  return { process, url: `ws://127.0.0.1:${port}/ws` };
}
