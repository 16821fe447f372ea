import { deepEqual } from "node:assert/strict";
import { parseShares } from "../../bench/profile.ts";

Deno.test("object files are the kernel's, the runtime's, or compiled from our code", () => {
  const report = `
    61.25%  [kernel.kallsyms]
    17.50%  deno
    15.00%  [JIT] tid 816
     5.75%  libc.so.6
     0.50%  [vdso]
`;
  deepEqual(parseShares(report), { kernel: 61.25, runtime: 23.75, compiled: 15 });
});
