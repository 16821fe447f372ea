import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

/** Bytes that this isolate holds, without what nobody needs any more. */
export function heldBytes(): number {
  gc();
  return Deno.memoryUsage().heapUsed;
}
