/** Asks the golden table of both engines and writes what they answer: `deno task engines`. */
import { engineReport } from "./report.ts";

await Deno.writeTextFile("docs/engines.md", await engineReport());
