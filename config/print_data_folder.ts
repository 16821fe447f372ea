/**
 * Prints the data folder as a value for `--allow-read` and `--allow-write`: the tasks give access to
 * this one folder, and only a program that has already started could know which it is. With
 * `--and-systemd` the socket follows on which systemd waits for a word, where it does.
 */
import { DATA_FOLDER_VARIABLES, dataFolder } from "./data_folder.ts";

const env = Object.fromEntries(DATA_FOLDER_VARIABLES.map((name) => [name, Deno.env.get(name)]));
const socket = Deno.args.includes("--and-systemd") ? Deno.env.get("NOTIFY_SOCKET") : undefined;
// Where there is no folder, the start says so; it needs some folder to get that far.
const paths = [dataFolder(env, Deno.build.os) ?? "hearth-data", socket];
// A comma would name other files.
console.log(paths.filter((path) => path && !path.includes(",")).join());
