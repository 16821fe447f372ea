/** Hearth: reads the configuration, starts the TURN worker, builds the parts, and serves. */
import { Hono } from "hono";
import { checkMachine, shortLines } from "./check/mod.ts";
import { openAccounts, openRelay, openRouter, openSecrets, run, type Start } from "./cli/mod.ts";
import project from "./deno.json" with { type: "json" };
import * as ops from "./ops/mod.ts";
import { createSignaling, type Signaling } from "./signaling/mod.ts";
import { openTls, tokenOf } from "./tls/mod.ts";
import type { ClientBan } from "./turn/mod.ts";
import { pages } from "./web/mod.ts";

const { version } = project;
const outcome = await run(Deno.args, { version });
if (outcome.kind === "exit") Deno.exit(outcome.code);
await start(outcome);

async function start({ config, reload }: Start): Promise<void> {
  const stop = ops.stopSignal();
  ops.startServerLogs(config.log);
  const machine = ops.addressesOf(Deno.networkInterfaces());
  const secrets = ops.orExit(await openSecrets(config));
  const token = tokenOf(config.tls);
  const { relay, listening, addressWarnings } = ops.orExit(
    await openRelay(config, {
      secrets,
      insideToken: token,
      machine,
      onEvent: ops.relayLog({ ...config.turn, ...machine }),
      onChange: ops.eventLog("relay"),
    }),
  );

  let server: ops.HttpServer | undefined = undefined;
  const targets = { token, httpPort: () => server?.port, relayPort: () => relay.insidePort };
  const tls = ops.orExit(await openTls(config.tls, targets, ops.eventLog("tls")));

  // A relay that is down is told of both at its restart.
  const revokeRelay = (user: string, at?: number) => void relay.revoke(user, at).catch(() => 0);
  const banRelay = (bans: readonly ClientBan[]) => void relay.ban(bans).catch(() => 0);
  const auth = ops.orExit(
    await openAccounts(config, {
      turnPort: listening.port,
      tlsPort: tls?.port,
      log: ops.eventLog("auth"),
      server: { presence: () => signaling, revokeRelay, banRelay },
    }),
  );
  const signaling: Signaling = createSignaling({
    ...config.signaling,
    auth: config.auth.mode,
    origins: config.origins,
    authenticate: auth.authenticate,
    isBanned: (address) => auth.bans.has(address),
    iceServers: auth.iceServers,
    revokeRelay,
    note: ops.eventLog("signaling"),
  });
  const obstacles = () => ops.obstacles(stop.isAsked, relay.state.kind);
  const stats = { signaling: signaling.stats, turn: () => relay.stats().catch(() => undefined) };
  const metrics = ops.metricsOf({ ...stats, process: ops.processNumbers, version });
  const app = new Hono<{ Bindings: ops.Caller }>()
    .route("/", ops.opsRoutes({ obstacles, metrics }))
    .route("/", auth.routes)
    .all("/ws", (c) => signaling.handle(c.req.raw, c.env.remoteAddress))
    .route("/", signaling.doors)
    .route("/", pages());
  const at = { ...config.http, clientOf: (from: Deno.NetAddr) => tls?.clientOf(from) };
  server = ops.orExit(ops.serve(at, app.fetch, ops.eventLog("http")));
  const { trustProxies } = server;
  const live = { log: ops.startServerLogs, trustProxies, certificate: () => tls?.reload() };
  ops.onReload(() => ops.eventLog("config")(reload(live)));
  // What is written from now on goes through the database that is open.
  Deno.permissions.revokeSync({ name: "write" });

  const ports = { httpPort: server.port, turnPort: listening.port, tlsPort: tls?.port };
  const running = { ...config, ...ports, version, lanIps: machine.lan };
  const router = openRouter(running, relay, secrets[0], () => signaling.pushIce("address-changed"));
  const greeting = ops.greeting({
    ...running,
    program: ops.programName(Deno.build.standalone, Deno.execPath(), Deno.version.deno),
    asksRouter: router.asks,
    relayRemarks: listening.remarks,
    machineWarnings: shortLines(await checkMachine(running)),
    // What the router's answer may mend is told with it.
    addressWarnings: router.asks ? [] : addressWarnings,
    accounts: auth.users.list().length,
  });
  console.log(greeting.join("\n"));

  await stop.asked;
  tls?.drain();
  const graceMs = config.graceSeconds * 1000;
  const closing = [router.close(), signaling.close(), server.close(graceMs)];
  await Promise.all([...closing, relay.drain(graceMs)]);
  await relay.close();
  tls?.close();
  auth.close();
  ops.stopLogs();
  Deno.exit(0);
}
