/** Sockets, and the driver that joins them to a core. */
export { type IoStats, zeroCounters } from "./counters.ts";
export { Driver, type DriverSetup, open, type Opened, type Trouble } from "./driver.ts";
