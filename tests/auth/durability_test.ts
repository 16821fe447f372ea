import { deepEqual, ok } from "node:assert/strict";
import { anySeed, killRounds } from "./kill.ts";

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

Deno.test(`${ROUNDS} times killed and torn at random, what was acknowledged is there and no more`, async () => {
  const seed = anySeed();
  console.log(`SEED=${seed}`);
  const { torn } = await killRounds(ROUNDS, seed);
  ok(torn > 0);
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
