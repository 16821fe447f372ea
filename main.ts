/** Hearth: reads the configuration, starts the TURN worker, builds the parts, and serves. */
import { Hono } from "hono";
import { checkMachine, shortLines } from "./check/mod.ts";
import { openAccounts, openSecrets, run } from "./cli/mod.ts";
import type { Config } from "./config/mod.ts";
import project from "./deno.json" with { type: "json" };
import * as ops from "./ops/mod.ts";
import { portsToForward, startRouter } from "./router/mod.ts";
import { createSignaling, type Signaling } from "./signaling/mod.ts";
import * as turn from "./turn/mod.ts";
import { pages } from "./web/mod.ts";

const { version } = project;
const outcome = await run(Deno.args, { version });
if (outcome.kind === "exit") Deno.exit(outcome.code);
await start(outcome.config);

async function start(config: Config): Promise<void> {
  ops.startServerLogs(config.log);
  const { own: ownIps, lan: lanIps } = ops.addressesOf(Deno.networkInterfaces());
  const chooseIps = (routerIp?: string) =>
    turn.chooseExternalIps({ ...config.turn, interfaces: Deno.networkInterfaces(), routerIp });
  const external = chooseIps();
  const secrets = ops.orExit(await openSecrets(config));

  const relay = turn.start({
    ...config.turn,
    users: config.turn.users.map(({ name, password }) => ({ name, password: password.reveal() })),
    secrets,
    externalIps: external.ips,
    credentialSeconds: config.turn.credentialLifeSeconds,
    ownIps,
  }, { onEvent: ops.eventLog("turn"), onChange: ops.eventLog("relay") });
  const listening = await relay.ready.catch(({ message }: Error) => ops.exit(message));

  // A relay that is down is told at its restart.
  const revokeRelay = (user: string, at?: number) => void relay.revoke(user, at).catch(() => 0);
  const endings = { presence: () => signaling, revokeRelay };
  const accounts = { turnPort: listening.port, log: ops.eventLog("auth"), server: endings };
  const auth = ops.orExit(await openAccounts(config, accounts));
  const signaling: Signaling = createSignaling({
    limits: config.signaling.limits,
    auth: config.auth.mode,
    origins: config.origins,
    authenticate: auth.authenticate,
    isBanned: (address) => auth.bans.has(address),
    iceServers: auth.iceServers,
    revokeRelay,
    note: ops.eventLog("signaling"),
  });
  let stopping = false;
  const obstacles = () => [
    ...stopping ? ["the server is stopping"] : [],
    ...relay.state.kind === "listening" ? [] : [`the relay is ${relay.state.kind}`],
  ];
  const metrics = ops.metricsOf({
    signaling: signaling.stats,
    turn: () => relay.stats().catch(() => undefined),
    process: ops.processNumbers,
    version,
  });
  const app = new Hono<{ Bindings: ops.Caller }>()
    .route("/", ops.opsRoutes({ obstacles, metrics }))
    .route("/", auth.routes)
    .all("/ws", (c) => signaling.handle(c.req.raw, c.env.remoteAddress))
    .route("/", signaling.doors)
    .route("/", pages());
  const server = ops.orExit(ops.serve(config.http, app.fetch, ops.eventLog("http")));
  // What is written from now on goes through the database that is open.
  Deno.permissions.revokeSync({ name: "write" });

  const running = { ...config, httpPort: server.port, turnPort: listening.port };
  const ports = portsToForward(running);
  const router = startRouter({ setting: config.router, ports, secret: secrets[0] }, (news) => {
    const { ips, warnings } = chooseIps(news.externalIp);
    relay.advertise(ips).catch(() => {});
    console.log(ops.routerAnswer(news, warnings).join("\n"));
  });
  const greeting = ops.greeting({
    ...running,
    version,
    program: ops.programName(Deno.build.standalone, Deno.execPath(), Deno.version.deno),
    lanIps,
    asksRouter: router.asks,
    relayRemarks: listening.remarks,
    machineWarnings: shortLines(await checkMachine(config)),
    // What the router's answer may mend is told with it.
    addressWarnings: router.asks ? [] : external.warnings,
    accounts: auth.users.list().length,
  });
  console.log(greeting.join("\n"));

  await ops.stopSignal();
  stopping = true;
  const graceMs = config.graceSeconds * 1000;
  await Promise.all([router.close(), signaling.close(), relay.close(), server.close(graceMs)]);
  auth.close();
  ops.stopLogs();
  Deno.exit(0);
}
