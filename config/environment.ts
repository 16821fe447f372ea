import { DATA_FOLDER_VARIABLES, type Environment } from "./data_folder.ts";
import { allOptions } from "./options.ts";

/** The variables that options are read from; no other is looked at. */
export function readEnvironment(): Environment {
  const names = [...DATA_FOLDER_VARIABLES, ...allOptions.map(({ variable }) => variable)];
  return Object.fromEntries(names.map((name) => [name, Deno.env.get(name)]));
}
