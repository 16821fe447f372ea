import { deepEqual, equal, match } from "node:assert/strict";
import type { Protocol } from "../../router/mod.ts";
import {
  EXTERNAL_IP,
  type HomeRouter,
  type HomeRouterOptions,
  HOST_IP,
  makeHomeRouter,
  ROUTER_IP,
} from "../support/home_router.ts";
import { lacks } from "../support/needs.ts";
import { inNamespace, ip } from "../support/netns.ts";
import { type RunningServer, startServer } from "../support/server.ts";

const ignore = lacks("netns", "miniupnpd", "curl");
const ALL = ["tcp 3478", "tcp 8080", "udp 3478"];

/** The program behind such a router, as a first start is. */
function startAtHome({ host }: HomeRouter): Promise<RunningServer> {
  return startServer({
    namespace: host,
    env: { HEARTH_ROUTER: "auto", HEARTH_EXTERNAL_IP: "auto" },
  });
}

async function until(holds: () => boolean): Promise<void> {
  const giveUp = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > giveUp) throw new Error("It did not come to that");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function answered(server: RunningServer): Promise<void> {
  return until(() => / {2}Router {3}.*\n/.test(server.log()));
}

for (const protocol of ["PCP", "NAT-PMP", "UPnP"] as const satisfies readonly Protocol[]) {
  Deno.test({
    name: `a first start behind a router that speaks ${protocol} is reached from outside`,
    ignore,
    async fn() {
      await using home = await makeHomeRouter({ speaks: [protocol] });
      await using server = await startAtHome(home);
      await answered(server);
      match(
        server.log(),
        new RegExp(`192\\.168\\.7\\.1 forwards .* from ${EXTERNAL_IP} .*\\(${protocol}\\)`),
      );
      deepEqual(await home.forwards(), ALL);
      const url = `http://${EXTERNAL_IP}:8080/readyz`;
      await inNamespace(home.outside, ["curl", "--fail", "--silent", "--max-time", "5", url]);

      equal((await server.stop()).code, 0);
      deepEqual(await home.forwards(), []);
    },
  });
}

/** Runs the program once and gives what it said of the router, and what that forwarded then. */
async function answerOf(options: HomeRouterOptions): Promise<[said: string, forwards: string[]]> {
  await using home = await makeHomeRouter(options);
  await using server = await startAtHome(home);
  await answered(server);
  return [server.log(), await home.forwards()];
}

Deno.test({
  name: "a port that the router will not give is named, and the others are forwarded",
  ignore,
  async fn() {
    const [said, forwards] = await answerOf({
      settings: ["deny 8080 0.0.0.0/0 8080"],
      speaks: ["UPnP"],
    });
    match(said, /but not 8080\/tcp: it does not allow it/);
    deepEqual(forwards, ["tcp 3478", "udp 3478"]);
  },
});

Deno.test({
  name: "a start that was killed leaves mappings that the next one takes over and removes",
  ignore,
  async fn() {
    await using home = await makeHomeRouter({ speaks: ["PCP"] });
    const dataDir = await Deno.makeTempDir({ prefix: "hearth-test-" });
    const start = async () => {
      const server = await startServer({
        namespace: home.host,
        dataDir,
        env: { HEARTH_ROUTER: "auto", HEARTH_EXTERNAL_IP: "auto" },
      });
      await answered(server);
      return server;
    };
    try {
      await (await start()).stop("SIGKILL");
      deepEqual(await home.forwards(), ALL);
      const again = await start();
      match(again.log(), /forwards 8080\/tcp, 3478\/udp, 3478\/tcp/);
      await again.stop();
      deepEqual(await home.forwards(), []);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});

Deno.test({
  name: "a machine that gets its address after the start asks the router then",
  ignore,
  async fn() {
    await using home = await makeHomeRouter({ speaks: ["PCP"] });
    await ip(`-n ${home.host} addr del ${HOST_IP}/24 dev eth0`);
    await using server = await startAtHome(home);
    await ip(`-n ${home.host} addr add ${HOST_IP}/24 dev eth0`);
    await ip(`-n ${home.host} route add default via ${ROUTER_IP}`);
    await answered(server);
    match(server.log(), /192\.168\.7\.1 forwards /);
    deepEqual(await home.forwards(), ALL);
  },
});

for (const protocol of ["PCP", "NAT-PMP"] as const) {
  Deno.test({
    name: `an address that a router of ${protocol} announces is known before the next renewal`,
    ignore,
    async fn() {
      await using home = await makeHomeRouter({ speaks: [protocol] });
      await using server = await startAtHome(home);
      await answered(server);
      await home.moveTo("45.0.0.40");
      await until(() => / from 45\.0\.0\.40 /.test(server.log()));
    },
  });
}
