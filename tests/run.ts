/**
 * Runs the whole suite and closes with one plain line, `N passed, N failed, N skipped`. It first
 * names each tool this machine lacks, what goes untested without it, and how to get it.
 *
 *     deno task test [FILTER-OR-FLAGS…]
 */
import { LIBRARIES } from "../turn/io/fast/libraries.ts";
import { allTools } from "./support/needs.ts";

/** Tests start the server, browsers and coturn's tools, so they may do what those need, by name. */
const PERMISSIONS = [
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
  `--allow-ffi=${LIBRARIES}`,
];

const missing = allTools().filter((tool) => !tool.present);
for (const tool of missing) {
  console.log(`Skipping ${tool.covers}: ${tool.name} is not here. To get it: ${tool.get}`);
}

const child = new Deno.Command(Deno.execPath(), {
  args: ["test", "--frozen", "--no-prompt", ...PERMISSIONS, ...Deno.args],
  env: { NO_COLOR: "1" },
  stdout: "piped",
}).spawn();

let tail = "";
for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
  await Deno.stdout.write(new TextEncoder().encode(text));
  tail = (tail + text).slice(-4_000);
}
const { success } = await child.status;

const summary = tail.match(/(\d+) passed.*?\| (\d+) failed(?:.*?\| (\d+) ignored)?/);
const [passed, failed, skipped] = [1, 2, 3].map((group) => Number(summary?.[group] ?? 0));
// A suite that did not even start (a type error, say) has failed, whatever it counted.
const honestFailed = success ? failed : Math.max(failed ?? 0, 1);
console.log(`\n${passed} passed, ${honestFailed} failed, ${skipped} skipped`);
Deno.exit(success && (passed ?? 0) > 0 ? 0 : 1);
