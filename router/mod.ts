/** The home router: has it forward the ports that players need, and learns its address. */
export type { Grant, Interface, Lease, Port, Protocol } from "./core/mod.ts";
export { type Router, type RouterConfig, startRouter } from "./router.ts";
