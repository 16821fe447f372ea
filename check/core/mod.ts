export type { AddressFact, Fact, FolderState, PortFact, RouterFact } from "./facts.ts";
export { type Finding, isBroken, type Report, reportLines, shortLines } from "./finding.ts";
export { judge } from "./judge.ts";
export { reachOf } from "./reach.ts";
