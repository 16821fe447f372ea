import { deepEqual, equal, match } from "node:assert/strict";
import { COMMIT_FILE, commitOf, type ReadFile } from "../../cli/commit.ts";
import { COMMIT_FILE as WRITTEN, currentCommit } from "../../compile/mod.ts";
import { writeCommit } from "../../compile/commit.ts";
import { lacks } from "../support/needs.ts";

const needsGit = { ignore: lacks("git") };

/** A repository of its own with one commit. */
async function makeRepository() {
  const folder = await Deno.makeTempDir({ prefix: "hearth-git-" });
  const git = async (...args: string[]) => {
    const env = {
      GIT_COMMITTER_DATE: "2026-11-28T12:00:00Z",
      GIT_AUTHOR_DATE: "2026-11-27T00:00:00Z",
    };
    const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    const { success, stdout } = await new Deno.Command("git", {
      args: [...identity, ...args],
      cwd: folder,
      env,
      stderr: "inherit",
    }).output();
    equal(success, true);
    return new TextDecoder().decode(stdout).trim();
  };
  await git("init", "--quiet", "--initial-branch=main");
  await Deno.writeTextFile(`${folder}/file`, "1");
  await git("add", "file");
  await git("commit", "--quiet", "--message=One");
  const read: ReadFile = (path) => {
    try {
      return Deno.readFileSync(`${folder}/${path}`);
    } catch {
      return undefined;
    }
  };
  return {
    folder,
    git,
    read,
    hash: await git("rev-parse", "HEAD"),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test(
  "a checkout tells its commit: on a branch, packed, and without one",
  needsGit,
  async () => {
    await using repository = await makeRepository();
    const { git, read, hash } = repository;
    const date = "2026-11-28T12:00:00.000Z";
    deepEqual(commitOf(read, false), { hash, date });
    await git("pack-refs", "--all");
    deepEqual(commitOf(read, false), { hash, date });
    await git("checkout", "--quiet", "--detach");
    deepEqual(commitOf(read, false), { hash, date });
    await git("gc", "--quiet");
    deepEqual(commitOf(read, false), { hash, date: undefined });
  },
);

Deno.test(
  "what is compiled carries its commit, its date, and whether files were changed",
  needsGit,
  async () => {
    equal(WRITTEN, COMMIT_FILE);
    await using repository = await makeRepository();
    const { folder, read, hash } = repository;
    {
      await using _written = await writeCommit(folder);
      const { date, ...rest } = commitOf(read, true) ?? {};
      deepEqual(rest, { hash, isChanged: false });
      match(`${date}`, /^2026-11-28T12:00:00(Z|\+00:00)$/);
    }
    equal(commitOf(read, true), undefined);
    await Deno.writeTextFile(`${folder}/file`, "2");
    match(JSON.stringify(await currentCommit(folder)), /"isChanged":true/);
  },
);

Deno.test("without a repository, or where it cannot be read, the commit is unknown", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hearth-git-" });
  try {
    await using _written = await writeCommit(folder);
    const read: ReadFile = (path) => {
      try {
        return Deno.readFileSync(`${folder}/${path}`);
      } catch {
        return undefined;
      }
    };
    deepEqual([commitOf(read, true), commitOf(read, false)], [undefined, undefined]);
    const odd = (head: string): ReadFile => (path) =>
      path === ".git/HEAD" ? new TextEncoder().encode(head) : undefined;
    for (const head of ["", "ref: ../../etc/passwd", "not a hash"]) {
      equal(commitOf(odd(head), false), undefined);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
