import { allocation } from "./golden_allocation.ts";
import { authentication } from "./golden_authentication.ts";
import type { Case } from "./golden_case.ts";
import { peers } from "./golden_peers.ts";
import { stun } from "./golden_stun.ts";

export interface Section {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** The golden table, all of it. */
export const TABLE: readonly Section[] = [
  { name: "Who may: RFC 8489 §9.2.4", cases: authentication },
  { name: "Allocate and Refresh: RFC 8656 §7–§8", cases: allocation },
  { name: "Permissions, channels, data: RFC 8656 §9–§12", cases: peers },
  { name: "Binding, and what is no message: RFC 8489 §6", cases: stun },
];
