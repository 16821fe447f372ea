/** Sockets, and the driver that joins them to a core. */
export { type IoStats, zeroCounters } from "./counters.ts";
export { open, type Trouble } from "./driver.ts";
