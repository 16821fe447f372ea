import { deepEqual, equal, ok } from "node:assert/strict";
import { openUsers } from "../../auth/mod.ts";
import { CHEAP, opened } from "./world.ts";

const ROUNDS = 20;

function child(name: string, dataDir: string, ...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--frozen",
      "--allow-read",
      `--allow-write=${dataDir}`,
      new URL(`./children/${name}.ts`, import.meta.url).pathname,
      dataDir,
      ...args,
    ],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  });
}

/** mulberry32: the same numbers from the same seed. */
function chance(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

/** Lets a child add users until `count` are acknowledged, then kills it. Returns all acknowledged. */
async function addUntilKilled(dataDir: string, prefix: string, count: number): Promise<string[]> {
  const process = child("adds_users", dataDir, prefix).spawn();
  let text = "";
  let killed = false;
  for await (const piece of process.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (killed || text.split("\n").length <= count) continue;
    killed = true;
    process.kill("SIGKILL");
  }
  equal((await process.status).signal, "SIGKILL");
  return text.split("\n").slice(0, -1);
}

Deno.test(`${ROUNDS} times killed at random, every acknowledged user is there`, async () => {
  const seed = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  console.log(`SEED=${seed}`);
  const random = chance(seed);
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-killed-" });
  try {
    const acknowledged = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const names = await addUntilKilled(dataDir, `r${round}`, 1 + Math.floor(random() * 60));
      for (const name of names) acknowledged.add(name);
      const users = opened(await openUsers(dataDir, { cost: CHEAP }));
      const present = new Set(users.list().map((user) => user.id));
      users.close();
      deepEqual([...acknowledged].filter((name) => !present.has(name)), []);
      // One more at most: written, and killed before it could be said.
      const unsaid = [...present].filter((name) => !acknowledged.has(name));
      ok(unsaid.length <= 1, unsaid.join());
      for (const name of unsaid) acknowledged.add(name);
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("after opening, accounts work without permission to write", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-revoked-" });
  try {
    const { success, stdout } = await child("gives_up_writing", dataDir).output();
    deepEqual([success, new TextDecoder().decode(stdout)], [true, "went on\n"]);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
