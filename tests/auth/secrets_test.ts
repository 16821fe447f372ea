import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type AuthEvent, loadOrMakeSecret } from "../../auth/mod.ts";
import { closeToOthers, loadOrMake } from "../../auth/private_file.ts";
import { opened } from "./world.ts";

async function makeFolder() {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-secrets-" });
  return {
    dataDir,
    path: `${dataDir}/turn.secret`,
    [Symbol.asyncDispose]: () => Deno.remove(dataDir, { recursive: true }),
  };
}

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}

Deno.test("secret: made at the first start with mode 600, the same at the next", async () => {
  await using folder = await makeFolder();
  const first = opened(await loadOrMakeSecret(folder.dataDir));
  match(first, /^[\w-]{43}$/);
  equal(modeOf(folder.path), 0o600);
  equal(opened(await loadOrMakeSecret(folder.dataDir)), first);
  deepEqual([...Deno.readDirSync(folder.dataDir)].map((entry) => entry.name), ["turn.secret"]);
});

Deno.test("secret: of many that make it at once, all have the same", async () => {
  await using folder = await makeFolder();
  const made = await Promise.all(
    Array.from({ length: 8 }, () => loadOrMakeSecret(`${folder.dataDir}/new`)),
  );
  equal(new Set(made.map(opened)).size, 1);
  deepEqual([...Deno.readDirSync(`${folder.dataDir}/new`)].length, 1);
  equal(modeOf(`${folder.dataDir}/new`), 0o700);
});

Deno.test("secret: where another process makes it meanwhile, that one stands", async () => {
  await using folder = await makeFolder();
  const note = () => {};
  const late = await loadOrMake(folder.path, async () => {
    opened(await loadOrMake(folder.path, () => "first", note));
    return "second";
  }, note);
  equal(opened(late), "first");
  deepEqual([...Deno.readDirSync(folder.dataDir)].map((entry) => entry.name), ["turn.secret"]);
});

Deno.test({
  name: "secret: one that cannot be closed to others is refused, and what to do is said",
  ignore: Deno.build.os === "windows",
  permissions: { read: true, write: false },
  async fn() {
    // Any file that others can read will do.
    const failure = await closeToOthers(Deno.execPath(), () => {});
    equal(failure?.code, "exposed");
    match(failure?.message ?? "", /\(mode \d+\), and that cannot be changed: .*Run: chmod 600 /);
  },
});

for (const mode of [0o640, 0o604, 0o660, 0o666]) {
  Deno.test(`secret: a file of mode ${mode.toString(8)} is closed to others, and that is said`, async () => {
    await using folder = await makeFolder();
    const secret = opened(await loadOrMakeSecret(folder.dataDir));
    await Deno.chmod(folder.path, mode);
    const events: AuthEvent[] = [];
    equal(opened(await loadOrMakeSecret(folder.dataDir, (event) => events.push(event))), secret);
    equal(modeOf(folder.path), 0o600);
    deepEqual(events, [{ kind: "closed-to-others", path: folder.path, mode: mode.toString(8) }]);
  });
}

Deno.test("secret: an empty or short one is refused, and its text is not told", async () => {
  await using folder = await makeFolder();
  for (const text of ["", "\n", "too short"]) {
    await Deno.writeTextFile(folder.path, text, { mode: 0o600 });
    const result = await loadOrMakeSecret(folder.dataDir);
    equal(result.kind === "failed" && result.code, "corrupt");
    ok(result.kind === "failed" && !result.message.includes("too short"));
  }
});

Deno.test("secret: one that cannot be made is a line, not an exception", async () => {
  await using folder = await makeFolder();
  await Deno.mkdir(folder.path);
  const result = await loadOrMakeSecret(folder.dataDir);
  equal(result.kind === "failed" && result.code, "unreadable");
});
