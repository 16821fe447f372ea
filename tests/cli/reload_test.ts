import assert from "node:assert/strict";
import {
  LiveConfig,
  type LiveParts,
  type ReloadEvent,
  type SecretSource,
} from "../../cli/reload.ts";
import { type Config, LIVE_OPTIONS, loadConfig, parseConfigFile } from "../../config/mod.ts";
import { allOptions, spell } from "../../config/options.ts";
import { LASTING_LIMITS } from "../../signaling/limits.ts";

/** A server that runs by this file, which can be written anew, and so can the data folder's secret. */
async function started(text: string, flags: Readonly<Record<string, string>> = {}) {
  let file = text;
  const kept = { secret: "of the data folder" as string | undefined };
  const read = () => {
    const parsed = parseConfigFile("hearth.json", file);
    if (!parsed.ok) return { ok: false as const, problems: [parsed.problem] };
    return loadConfig({
      flags: new Map(Object.entries(flags)),
      env: { HOME: "/home/ada", HEARTH_REALM: "arena" },
      os: "linux",
      ...parsed.file && { file: parsed.file },
    });
  };
  const secretsOf: SecretSource["read"] = ({ turn }) => {
    const [first = kept.secret, ...more] = turn.secrets.map((secret) => secret.reveal());
    return Promise.resolve(
      first === undefined
        ? { kind: "failed", code: "unreadable", message: "no turn.secret" }
        : { kind: "open", value: [first, ...more] },
    );
  };
  const loaded = read();
  assert(loaded.ok);
  const settings = new LiveConfig(loaded, read, { open: secretsOf, read: secretsOf });
  await settings.openSecrets();
  const done: [keyof LiveParts, unknown][] = [];
  const parts: LiveParts = {
    log: (level) => done.push(["log", level]),
    http: { trustProxies: (cidrs) => done.push(["http", cidrs]) },
    tls: { reload: () => {}, limit: (limits) => done.push(["tls", limits]) },
    relay: { configure: (taken) => Promise.resolve(void done.push(["relay", taken])) },
    auth: { configure: (taken) => done.push(["auth", taken]) },
    signaling: { configure: (taken) => done.push(["signaling", taken]) },
  };
  return {
    settings,
    kept,
    /** What the parts have taken since the last time, by their names. */
    taken: (): Record<string, unknown> => Object.fromEntries(done.splice(0)),
    reload(text: string): Promise<readonly ReloadEvent[]> {
      file = text;
      return settings.reload(parts);
    },
  };
}

Deno.test("a reload takes over what can change live, once", async () => {
  const server = await started('{ "log": "info" }');
  const text = '{ "log": "debug", "trustedProxies": "10.0.0.1/32" }';
  assert.deepEqual(await server.reload(text), [
    { kind: "reloaded", live: ["HEARTH_TRUSTED_PROXIES", "HEARTH_LOG"] },
  ]);
  assert.deepEqual(server.taken(), { log: "debug", http: ["10.0.0.1/32"] });
  assert.deepEqual(await server.reload(text), [{ kind: "reloaded", live: [] }]);
  assert.deepEqual(server.taken(), {});
  assert.equal(server.settings.current.log, "debug");
});

Deno.test("each part gets its new settings, and no other part is bothered", async () => {
  const server = await started("{}");
  await server.reload('{ "peerDeny": "192.0.2.0/24", "turnBytesPerSecond": 1000 }');
  const { relay, ...others } = server.taken() as { relay: Config["turn"] };
  assert.deepEqual(others, {});
  assert.deepEqual([relay.peerDeny, relay.secrets], [["192.0.2.0/24"], ["of the data folder"]]);
  assert(relay.limits !== "off");
  assert.equal(relay.limits.bytesPerSecond, 1_000);

  await server.reload('{ "origins": "https://game.example", "registration": "open" }');
  const { auth, signaling } = server.taken() as Record<string, Record<string, unknown>>;
  assert.deepEqual(auth?.["origins"], ["https://game.example"]);
  assert.deepEqual(signaling?.["origins"], ["https://game.example"]);
  assert.equal(auth?.["registration"], "open");
});

Deno.test("a secret is replaced from the file and from the data folder; the relay knows it first", async () => {
  const server = await started('{ "turnSecret": "old" }');
  const events = await server.reload('{ "turnSecret": ["new", "old"] }');
  assert.deepEqual(events, [{ kind: "reloaded", live: ["HEARTH_TURN_SECRET"] }]);
  const taken = server.taken() as Record<string, { secrets: unknown }>;
  assert.deepEqual(Object.keys(taken), ["relay", "auth"]);
  assert.deepEqual(taken["auth"]?.secrets, ["new", "old"]);

  await server.reload("{}");
  assert.deepEqual((server.taken()["auth"] as Config["turn"]).secrets, ["of the data folder"]);
  server.kept.secret = "written anew";
  assert.deepEqual(await server.reload("{}"), [{ kind: "reloaded", live: ["HEARTH_TURN_SECRET"] }]);
  assert.deepEqual((server.taken()["relay"] as Config["turn"]).secrets, ["written anew"]);

  server.kept.secret = undefined;
  assert.deepEqual(await server.reload('{ "log": "debug" }'), [
    { kind: "reload-refused", problems: ["no turn.secret"] },
  ]);
  assert.deepEqual([server.taken(), server.settings.current.log], [{}, "info"]);
});

Deno.test("what needs a restart is named each time, in a line of its own, and stays what it was", async () => {
  const server = await started("{}");
  const text = '{ "httpPort": 9000, "signalingIdleSeconds": 7, "turnAllocations": 5 }';
  const expected = [
    { kind: "HEARTH_HTTP_PORT needs a restart" },
    { kind: "HEARTH_SIGNALING_IDLE_SECONDS needs a restart" },
  ];
  assert.deepEqual(await server.reload(text), [
    { kind: "reloaded", live: ["HEARTH_TURN_ALLOCATIONS"] },
    ...expected,
  ]);
  assert.deepEqual(await server.reload(text), [{ kind: "reloaded", live: [] }, ...expected]);
  const { http, signaling } = server.settings.current;
  assert.deepEqual([http.port, signaling.limits.idleSeconds], [8080, 60]);
  assert.deepEqual(await server.reload("{}"), [
    { kind: "reloaded", live: ["HEARTH_TURN_ALLOCATIONS"] },
  ]);
});

Deno.test("a file with a mistake changes nothing, and is told of", async () => {
  const server = await started("{}");
  for (
    const text of ['{ "log": "debug", "realm": "" }', '{ "log": "debug", "peerDeny": "x" }', "{"]
  ) {
    const [event, ...more] = await server.reload(text);
    assert.deepEqual([event?.kind, more], ["reload-refused", []]);
  }
  assert.deepEqual([server.taken(), server.settings.current.log], [{}, "info"]);
});

Deno.test("flag and environment win at a reload as they did at the start", async () => {
  const server = await started("{}", { log: "error" });
  const events = await server.reload('{ "log": "debug", "realm": "game" }');
  assert.deepEqual(events, [{ kind: "reloaded", live: [] }]);
  assert.deepEqual(server.taken(), {});
});

Deno.test("two reloads at once come one after the other", async () => {
  const server = await started("{}");
  const both = [server.reload('{ "log": "debug" }'), server.reload('{ "log": "error" }')];
  const lives = (await Promise.all(both)).map(([event]) => event);
  assert.deepEqual(lives, [
    { kind: "reloaded", live: ["HEARTH_LOG"] },
    { kind: "reloaded", live: [] },
  ]);
  assert.equal(server.settings.current.log, "error");
});

Deno.test("each option that is said to be live is an option, and its parts take its value", async () => {
  const values = new Map([
    ["HEARTH_ORIGINS", "https://game.example"],
    ["HEARTH_TRUSTED_PROXIES", "::1/128"],
    ["HEARTH_REGISTRATION", "open"],
    ["HEARTH_TURN_SECRET", "another"],
    ["HEARTH_PEER_ALLOW", "10.0.0.0/8"],
    ["HEARTH_PEER_DENY", "10.0.0.0/8"],
    ["HEARTH_LIMITS", "off"],
    ["HEARTH_LOG", "error"],
  ]);
  const keys = new Map(allOptions.map(({ variable, key }) => [variable, key]));
  for (const [variable, parts] of LIVE_OPTIONS) {
    const server = await started("{}");
    const before = JSON.stringify([server.settings.current, server.kept.secret]);
    const key = keys.get(variable);
    assert(key !== undefined, variable);
    const file = JSON.stringify({ [key]: values.get(variable) ?? 7 });
    assert.deepEqual(await server.reload(file), [{ kind: "reloaded", live: [variable] }]);
    const taken = server.taken();
    assert.deepEqual(Object.keys(taken).toSorted(), parts.toSorted(), variable);
    const after = JSON.stringify([server.settings.current, server.kept.secret]);
    if (variable !== "HEARTH_TURN_SECRET") assert.notEqual(after, before, variable);
    const shown = JSON.stringify(taken);
    assert.match(shown, new RegExp(values.get(variable) ?? "\\b7\\b"), variable);
  }
});

Deno.test("the limits that signaling keeps are those that need a restart", () => {
  const lasting = LASTING_LIMITS.map((name) => spell("signaling", name).variable);
  const notLive = allOptions.map(({ variable }) => variable)
    .filter((name) => name.startsWith("HEARTH_SIGNALING_") && !LIVE_OPTIONS.has(name));
  assert.deepEqual(notLive.toSorted(), lasting.toSorted());
});
