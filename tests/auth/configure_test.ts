import { createHmac } from "node:crypto";
import { deepEqual, equal, notEqual } from "node:assert/strict";
import { loadOrMakeSecret, loadSecret } from "../../auth/mod.ts";
import { makeWorld, PASSWORD, post } from "./world.ts";

const SETTINGS = {
  registration: "closed",
  origins: [],
  limits: "on",
  secrets: ["secret"],
} as const;

Deno.test("who may register changes with the next request", async () => {
  await using world = await makeWorld();
  const register = async (login: string) =>
    (await world.call("/api/register", post({ login, password: PASSWORD }))).status;
  equal(await register("alice"), 403);
  world.auth.configure({ ...SETTINGS, registration: "open" });
  equal(await register("alice"), 201);
  world.auth.configure(SETTINGS);
  equal(await register("bob"), 403);
});

Deno.test("pages of another origin may call from the next request on, and no more after that", async () => {
  await using world = await makeWorld();
  const origin = "https://game.example";
  const allowed = async () =>
    (await world.call("/api/ice", { headers: { origin } })).headers.get(
      "access-control-allow-origin",
    );
  equal(await allowed(), null);
  world.auth.configure({ ...SETTINGS, origins: [origin] });
  equal(await allowed(), origin);
  world.auth.configure(SETTINGS);
  equal(await allowed(), null);
});

Deno.test("the first of other secrets signs from now on", async () => {
  await using world = await makeWorld();
  const signed = (secret: string) => {
    const [, turn] = world.auth.iceServers("user.alice", "hearth.example", "ABCD").iceServers;
    return turn?.credential === createHmac("sha1", secret).update(`${turn?.username}`)
      .digest("base64");
  };
  deepEqual([signed("secret"), signed("new")], [true, false]);
  world.auth.configure({ ...SETTINGS, secrets: ["new", "secret"] });
  deepEqual([signed("secret"), signed("new")], [false, true]);
});

Deno.test("limits that are lifted and set again hold at once, with what they remember", async () => {
  await using world = await makeWorld();
  const asked = async () => {
    let refused = 0;
    for (let n = 0; n < 40; n++) {
      const answer = await world.call("/api/ice");
      await answer.body?.cancel();
      if (answer.status === 429) refused++;
    }
    return refused;
  };
  equal(await asked(), 10);
  world.auth.configure({ ...SETTINGS, limits: "off" });
  equal(await asked(), 0);
  world.auth.configure(SETTINGS);
  equal(await asked(), 40);
});

Deno.test("a running server reads the kept secret again, and never makes one", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-auth-" });
  try {
    equal((await loadSecret(dataDir)).kind, "failed");
    const made = await loadOrMakeSecret(dataDir);
    deepEqual(await loadSecret(dataDir), made);
    await Deno.writeTextFile(`${dataDir}/turn.secret`, "another secret of 16 and more\n");
    const read = await loadSecret(dataDir);
    notEqual(read, made);
    deepEqual(read, { kind: "open", value: "another secret of 16 and more" });
    await Deno.writeTextFile(`${dataDir}/turn.secret`, "short");
    equal((await loadSecret(dataDir)).kind, "failed");
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
