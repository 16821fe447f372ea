/** Hearth: reads the configuration, starts the TURN worker, builds the parts, and serves. */
import { Hono } from "hono";
import { checkMachine, type Report, shortLines } from "./check/mod.ts";
import * as cli from "./cli/mod.ts";
import * as ops from "./ops/mod.ts";
import { createSignaling, type Signaling } from "./signaling/mod.ts";
import { openTls, tokenOf } from "./tls/mod.ts";
import { pages } from "./web/mod.ts";

const { version } = cli;
const outcome = await cli.run(Deno.args, { version });
if (outcome.kind === "exit") Deno.exit(outcome.code);
await start(outcome);

async function start({ settings }: cli.Start): Promise<void> {
  const config = settings.current;
  const stop = ops.stopOnSignal();
  ops.startServerLogs(config.log);
  const machine = ops.addressesOf(Deno.networkInterfaces());
  const secrets = ops.orExit(await settings.openSecrets());
  const token = tokenOf(config.tls);
  const { relay, listening, sendOff, endpoint, addressWarnings } = ops.orExit(
    await cli.openRelay(config, {
      secrets,
      insideToken: token,
      machine,
      onEvent: ops.relayLog(() => ({ ...settings.current.turn, ...machine })),
      onChange: ops.eventLog("relay"),
    }),
  );
  let server: ops.HttpServer | undefined = undefined;
  const targets = { token, httpPort: () => server?.port, relayPort: () => relay.insidePort };
  const tls = ops.orExit(await openTls(config.tls, targets, ops.eventLog("tls")));
  const check = (): Promise<Report> => cli.checkRunning(running, secrets[0], addresses);
  const auth = ops.orExit(
    await cli.openAccounts(config, {
      ...endpoint,
      tlsPort: tls?.port,
      log: ops.eventLog("auth"),
      server: {
        ...sendOff,
        presence: () => signaling,
        house: { live: (holds) => live.listen(holds), check, drain: stop.ask },
      },
    }),
  );
  const signaling: Signaling = createSignaling({
    ...config.signaling,
    auth: config.auth.mode,
    origins: config.origins,
    authenticate: auth.authenticate,
    isBanned: (address) => auth.bans.has(address),
    iceServers: auth.iceServers,
    revokeRelay: auth.endCredentials,
    note: ops.eventLog("signaling"),
  });
  const turn = () => relay.stats().catch(() => undefined);
  const sources = { signaling: signaling.stats, turn, process: ops.processNumbers, version };
  const live: ops.Live = ops.startLive(sources, stop.signal);
  const obstacles = () => ops.obstacles(stop.signal.aborted, { relay, http: server, tls });
  const app = new Hono<{ Bindings: ops.Caller }>()
    .route("/", ops.opsRoutes({ obstacles, metrics: ops.metricsOf(sources) }))
    .route("/", auth.routes)
    .all("/ws", (c) => signaling.handle(c.req.raw, c.env.remoteAddress))
    .route("/", signaling.doors)
    .route("/", pages());
  const at = { ...config.http, clientOf: (from: Deno.NetAddr) => tls?.clientOf(from) };
  server = ops.orExit(ops.serve(at, app.fetch, ops.eventLog("http")));
  const parts = { log: ops.startServerLogs, http: server, tls, relay, auth, signaling };
  ops.onReload(async () => (await settings.reload(parts)).forEach(ops.eventLog("config")));
  ops.tellSystemd(config.dataDir, stop.signal, obstacles, ops.eventLog("systemd"));
  // What is written from now on goes through the database that is open.
  Deno.permissions.revokeSync({ name: "write" });
  const ports = { httpPort: server.port, turnPort: listening.port, tlsPort: tls?.port };
  const running = { ...config, ...ports, version, lanIps: machine.lan };
  const onMove = () => signaling.pushIce("address-changed");
  const addresses = new cli.FollowedAddresses({ running, relay, secret: secrets[0], onMove });
  const greeting = ops.greeting({
    ...running,
    program: ops.programName(Deno.build.standalone, Deno.execPath(), Deno.version.deno),
    asksRouter: addresses.asks,
    relayRemarks: listening.remarks,
    machineWarnings: shortLines(await checkMachine(running)),
    // What the router's answer may mend is told with it.
    addressWarnings: addresses.asks ? [] : addressWarnings,
    accounts: auth.users.list().length,
  });
  console.log(greeting.join("\n"));

  await stop.asked;
  tls?.drain();
  const graceMs = config.graceSeconds * 1000;
  const ends = [addresses.close(graceMs), server.close(graceMs), relay.drain(graceMs)];
  await Promise.all([...ends, signaling.close()]);
  await relay.close();
  tls?.close();
  auth.close();
  ops.stopLogs();
  Deno.exit(0);
}
