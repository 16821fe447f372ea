/** Asks the program to stop; `signal` is aborted when somebody has. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Resolves when the program is to stop. */
  readonly asked: Promise<void>;
  ask(): void;
}

/** A stop that also the process's signals ask for. */
export function stopOnSignal(): Stop {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const ask = () => {
    controller.abort();
    resolve();
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, ask);
  return { signal: controller.signal, asked: promise, ask };
}

/** Calls `reload` at each SIGHUP: what the files say now is to be used, and nobody ended. */
export function onReload(reload: () => void): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGHUP", reload);
}
