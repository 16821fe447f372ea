/**
 * The project's own lint rules, loaded by `deno.json`. They keep two promises of ARCHITECTURE.md:
 * the core has no clock and no I/O, and imports point one way, each through a folder's one door.
 */
import { oneWay } from "./one_way.ts";
import { pureCore } from "./pure_core.ts";

const plugin: Deno.lint.Plugin = {
  name: "hearth",
  rules: { "pure-core": pureCore, "one-way": oneWay },
};
export default plugin;
