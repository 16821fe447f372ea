import { deepEqual, equal } from "node:assert/strict";
import plugin from "../../lint/mod.ts";

/** The rules that a file of this text at this path breaks, in order. */
function broken(path: string, source: string): string[] {
  const file = new URL(`../../${path}`, import.meta.url).pathname;
  return Deno.lint.runPlugin(plugin, file, source).map((diagnostic) => diagnostic.id);
}

const impure = [
  "export const now = () => Date.now();",
  "export const pid = Deno.pid;",
  "export const chance = Math.random();",
  "export const bytes = crypto.getRandomValues(new Uint8Array(4));",
  "setTimeout(() => {}, 1);",
  "console.log(1);",
  "export const socket = new WebSocket('ws://127.0.0.1');",
  "export const elapsed = performance.now();",
  "import { randomBytes } from 'node:crypto'; export { randomBytes };",
  "import { createSocket } from 'node:dgram'; export { createSocket };",
  "import * as everything from 'node:crypto'; export { everything };",
  "export const later = await import('./later.ts');",
  "export const options = { clock: Date };",
];
for (const source of impure) {
  Deno.test(`pure-core refuses in a core: ${source}`, () => {
    deepEqual(broken("turn/core/file.ts", source), ["hearth/pure-core"]);
  });
}

Deno.test("pure-core leaves drivers and tests alone", () => {
  for (const source of impure) {
    deepEqual(broken("turn/io/file.ts", source), []);
    deepEqual(broken("tests/turn/core/file_test.ts", source), []);
  }
});

Deno.test("pure-core lets a core hash, and name a property like a global", () => {
  const source = "import { createHmac } from 'node:crypto';\n" +
    "export const f = (key: { crypto: string }) => createHmac('sha1', key.crypto);";
  deepEqual(broken("turn/core/file.ts", source), []);
});

const wrongWay: [path: string, source: string][] = [
  ["turn/core/file.ts", "import { x } from '../../auth/mod.ts'; export { x };"],
  ["auth/file.ts", "import { x } from '../signaling/mod.ts'; export { x };"],
  ["main.ts", "import { x } from './turn/worker.ts'; export { x };"],
  ["main.ts", "export { x } from './turn/core/mod.ts';"],
  ["turn/io/file.ts", "import { x } from '../core/allocation.ts'; export { x };"],
  ["turn/core/file.ts", "export * from '../mod.ts';"],
  ["turn/file.ts", "import { x } from '../progress/mod.ts'; export { x };"],
  ["web/file.ts", "export const x = await import('../tests/x.ts');"],
];
for (const [path, source] of wrongWay) {
  Deno.test(`one-way refuses in ${path}: ${source}`, () => {
    deepEqual(
      broken(path, source).filter((id) => id === "hearth/one-way"),
      ["hearth/one-way"],
    );
  });
}

Deno.test("one-way lets a folder be entered by its door, and tests look inside", () => {
  equal(broken("main.ts", "import { x } from './turn/mod.ts'; export { x };").length, 0);
  equal(broken("turn/worker.ts", "import { x } from './core/mod.ts'; export { x };").length, 0);
  equal(broken("turn/io/udp.ts", "import { x } from '../core/mod.ts'; export { x };").length, 0);
  equal(
    broken("tests/turn/x.ts", "import { x } from '../../turn/core/y.ts'; export { x };").length,
    0,
  );
});
