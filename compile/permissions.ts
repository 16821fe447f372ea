/** The part of `deno.json` that the tasks stand in. */
export interface Project {
  readonly tasks?: Readonly<Record<string, string | { readonly command?: string }>>;
}

/**
 * The flags that the task `start` runs the server with, for whoever starts it otherwise: the tasks
 * are where permissions are given, and nothing else may know better. `dataFolder` is where it may
 * write.
 */
export function serverFlags({ tasks }: Project, dataFolder: string): string[] {
  const task = tasks?.["start"];
  const command = typeof task === "string" ? task : task?.command;
  const [, flags] = command?.match(/\bdeno run ([^&|;]*) main\.ts start$/) ?? [];
  if (flags === undefined) throw new Error("deno.json has no task that runs `main.ts start`");
  return flags.split(" ").map((flag) => flag.replaceAll(/["']/g, "").replace("$D", dataFolder));
}
