/** What the program is told: every option, where it comes from, and what it comes to. */
export type { Config } from "./config.ts";
export type { Environment } from "./data_folder.ts";
export { readEnvironment } from "./environment.ts";
export { type ConfigFile, type FileRead, parseConfigFile, readConfigFile } from "./file.ts";
export {
  LIVE_OPTIONS,
  type LivePart,
  type OptionChanges,
  optionChanges,
  withLive,
} from "./changes.ts";
export {
  loadConfig,
  type Loaded,
  type OptionValues,
  type Origin,
  type Setting,
  type Sources,
} from "./load.ts";
export { allOptions, type NamedOption } from "./options.ts";
export { Secret } from "./secret.ts";
export { optionsTable } from "./table.ts";
export { duration } from "./kinds.ts";
