/** The doors' protocols without sockets and clock. */
export { Broker } from "./broker.ts";
export { Topics } from "./topics.ts";
