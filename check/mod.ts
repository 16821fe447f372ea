/** What is wrong on this machine and in its network, in plain words. */
export { check, checkMachine, type CheckParts } from "./check.ts";
export type { CheckedConfig, StunServer } from "./config.ts";
export {
  type Finding,
  isBroken,
  type Report,
  reportLines,
  type RouterFact,
  shortLines,
} from "./core/mod.ts";
