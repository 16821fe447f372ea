import { allocation } from "./golden_allocation.ts";
import { authentication } from "./golden_authentication.ts";
import { peers } from "./golden_peers.ts";
import { stun } from "./golden_stun.ts";

/** The whole table. */
export const CASES = [...authentication, ...allocation, ...peers, ...stun];
