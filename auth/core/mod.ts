/** Who you are, without clock or I/O: names, passwords, attempts, ICE servers. */
export { Attempts, type Decision } from "./attempts.ts";
export { DEFAULT_ALLOWANCE, RateLimit } from "./rate_limit.ts";
export { type Host, type IceServer, type IceServers, makeIceServers, parseHost } from "./ice.ts";
export type { TurnEndpoint } from "./ice.ts";
export { idOf, parsePassword, parseUserName, type Password, type UserName } from "./names.ts";
export type { Parsed } from "./names.ts";
export { costOf, formatPhc, parsePhc, type ScryptCost, type ScryptHash } from "./phc.ts";
