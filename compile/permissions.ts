/** The part of `deno.json` that the tasks stand in. */
export interface Project {
  readonly tasks?: Readonly<Record<string, string | { readonly command?: string }>>;
}

/**
 * The flags of `start` for a program that is copied to another machine: which folder its data lies in
 * is known only there. So it may read and write, and gives up writing once its data is open (main.ts).
 */
export function portableFlags(project: Project): string[] {
  return serverFlags(project, "").map((flag) =>
    flag.replace(/^(--allow-(?:read|write))=.*$/, "$1")
  );
}

/**
 * The flags that the task `start` runs the server with, for whoever starts it otherwise: the tasks
 * are where permissions are given, and nothing else may know better. `dataFolder` is where it may
 * write; files of TLS lie there too.
 */
export function serverFlags({ tasks }: Project, dataFolder: string): string[] {
  const task = tasks?.["start"];
  const command = typeof task === "string" ? task : task?.command;
  const [, flags] = command?.match(/\bdeno run ([^&|;]*) main\.ts start$/) ?? [];
  if (flags === undefined) throw new Error("deno.json has no task that runs `main.ts start`");
  return flags.split(" ").map((flag) =>
    flag.replaceAll(/["']/g, "").replace("$D", dataFolder).replace("$T", "")
  );
}
