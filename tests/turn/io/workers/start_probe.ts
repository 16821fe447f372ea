/** Starts a relay whose worker is the probe, and prints what the probe found. */
import { start } from "../../../../turn/mod.ts";
import { testConfig } from "../config.ts";

const handle = start(testConfig({ io: Deno.args[0] === "fast" ? "fast" : "plain" }), {
  entry: new URL("./probe.ts", import.meta.url),
});
await handle.ready.catch(() => {});
if (handle.state.kind === "failed") console.log(handle.state.reason);
