/**
 * Stops a task whose environment has a `HEARTH_…` variable that is no option. Only a process that
 * may read every variable can see a misspelt one; the server may read its own by name, so this one,
 * which may do nothing else, looks before it starts.
 */
import { unknownVariables } from "./load.ts";

const problems = unknownVariables(Object.keys(Deno.env.toObject()));
for (const problem of problems) console.error(problem);
if (problems.length > 0) Deno.exit(2);
