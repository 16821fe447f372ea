/** The home router: has it forward the ports that players need, and learns its address. */
export {
  type Grant,
  type Interface,
  type Port,
  portsToForward,
  type Protocol,
} from "./core/mod.ts";
export { type Router, type RouterConfig, type RouterNews, startRouter } from "./router.ts";
