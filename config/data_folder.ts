/** The variables that the data folder depends on; the tasks allow them by name. */
export const DATA_FOLDER_VARIABLES = [
  "HEARTH_DATA_DIR",
  "HOME",
  "XDG_DATA_HOME",
  "LOCALAPPDATA",
] as const;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where accounts and keys lie: `HEARTH_DATA_DIR`, or `hearth` in the folder that the platform keeps
 * a user's data in. Undefined where that cannot be told, or has a comma: Deno's permissions cannot
 * name such a folder.
 */
export function dataFolder(env: Environment, os: typeof Deno.build.os): string | undefined {
  const folder = env["HEARTH_DATA_DIR"] || ofThePlatform(env, os);
  return folder?.includes(",") ? undefined : folder;
}

function ofThePlatform(env: Environment, os: typeof Deno.build.os): string | undefined {
  const home = env["HOME"];
  if (os === "windows") return env["LOCALAPPDATA"] && `${env["LOCALAPPDATA"]}\\hearth`;
  if (os === "darwin") return home && `${home}/Library/Application Support/hearth`;
  // A relative XDG path is to be ignored (XDG Base Directory Specification).
  if (env["XDG_DATA_HOME"]?.startsWith("/")) return `${env["XDG_DATA_HOME"]}/hearth`;
  return home && `${home}/.local/share/hearth`;
}
