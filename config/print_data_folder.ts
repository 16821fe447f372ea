/**
 * Prints the data folder as a value for `--allow-read` and `--allow-write`: the tasks give access to
 * this one folder, and only a program that has already started could know which it is.
 */
import { DATA_FOLDER_VARIABLES, dataFolder } from "./data_folder.ts";

const env = Object.fromEntries(DATA_FOLDER_VARIABLES.map((name) => [name, Deno.env.get(name)]));
// Where there is none, the start says so; it needs some folder to get that far.
console.log(dataFolder(env, Deno.build.os) ?? "hearth-data");
