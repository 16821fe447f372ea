/** Hearth: reads the configuration, starts the TURN worker, builds the parts, and serves. */
import { Hono } from "hono";
import { openAccounts, openSecrets, run } from "./cli/mod.ts";
import type { Config } from "./config/mod.ts";
import project from "./deno.json" with { type: "json" };
import * as ops from "./ops/mod.ts";
import { createSignaling, type Signaling } from "./signaling/mod.ts";
import * as turn from "./turn/mod.ts";
import { pages } from "./web/mod.ts";

const { version } = project;
const outcome = await run(Deno.args, { version });
if (outcome.kind === "exit") Deno.exit(outcome.code);
await start(outcome.config);

async function start(config: Config): Promise<void> {
  ops.startServerLogs(config.log);
  const { hosts, port, externalIps: setting, users } = config.turn;
  const interfaces = Deno.networkInterfaces();
  const { own: ownIps, lan: lanIps } = ops.addressesOf(interfaces);
  const external = turn.chooseExternalIps({ setting, hosts, port, interfaces });

  const relay = turn.start({
    ...config.turn,
    users: users.map(({ name, password }) => ({ name, password: password.reveal() })),
    secrets: orExit(await openSecrets(config)),
    externalIps: external.ips,
    credentialSeconds: config.turn.credentialLifeSeconds,
    ownIps,
  }, { onEvent: ops.eventLog("turn"), onChange: ops.eventLog("relay") });
  const listening = await relay.ready.catch(({ message }: Error) => exit(message));

  // A relay that is down is told at its restart.
  const revokeRelay = (user: string, at?: number) => void relay.revoke(user, at).catch(() => 0);
  const endings = { presence: () => signaling, revokeRelay };
  const accounts = { turnPort: listening.port, log: ops.eventLog("auth"), server: endings };
  const auth = orExit(await openAccounts(config, accounts));
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
  const server = orExit(ops.serve(config.http, app.fetch, ops.eventLog("http")));
  // What is written from now on goes through the database that is open.
  Deno.permissions.revokeSync({ name: "write" });

  const greeting = ops.greeting({
    ...config,
    version,
    program: ops.programName(Deno.build.standalone, Deno.execPath(), Deno.version.deno),
    httpPort: server.port,
    turnPort: listening.port,
    lanIps,
    relayRemarks: [...listening.remarks, ...external.warnings.map(({ message }) => message)],
    accounts: auth.users.list().length,
  });
  for (const line of greeting) console.log(line);

  await ops.stopSignal();
  stopping = true;
  await Promise.all([signaling.close(), relay.close(), server.close(config.graceSeconds * 1000)]);
  auth.close();
  ops.stopLogs();
  Deno.exit(0);
}

/** What was opened; where it could not be, says so and ends the program. */
function orExit<T>(opened: { kind: "open"; value: T } | { kind: "failed"; message: string }): T {
  return opened.kind === "open" ? opened.value : exit(opened.message);
}

function exit(message: string): never {
  console.error(message);
  Deno.exit(1);
}
