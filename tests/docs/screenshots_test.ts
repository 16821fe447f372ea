import { equal, ok } from "node:assert/strict";

const MOST_BYTES = 200_000;

Deno.test("The README's pictures are there, each a small PNG as wide as its name says", async () => {
  const readme = await Deno.readTextFile("README.md");
  const all = [...readme.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => path ?? "");
  for (const path of all) ok((await Deno.stat(path)).isFile);
  const named = all.filter((path) => !path.startsWith("docs/bench/"));
  ok(named.length > 0);
  const there = [...Deno.readDirSync("docs/screenshots")].map(({ name }) =>
    `docs/screenshots/${name}`
  );
  equal(named.toSorted().join(), there.toSorted().join(), "run deno task screenshots");
  for (const path of named) {
    const bytes = await Deno.readFile(path);
    ok(bytes.length < MOST_BYTES, `${path}: ${bytes.length} bytes`);
    // The header of a PNG: its signature, then the chunk that begins with the width.
    equal(new TextDecoder("latin1").decode(bytes.subarray(1, 4)), "PNG");
    equal(`${new DataView(bytes.buffer).getUint32(16)}`, path.match(/-(\d+)\.png$/)?.[1]);
  }
});
