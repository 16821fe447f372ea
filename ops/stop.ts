/** Whether this process was asked to stop. */
export interface StopSignal {
  readonly isAsked: boolean;
  /** The name of the first signal that asks. */
  readonly asked: Promise<string>;
}

/** Listens from now on: a signal that comes while the server still starts ends it afterwards. */
export function stopSignal(): StopSignal {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  const { promise: asked, resolve } = Promise.withResolvers<string>();
  const stop = { isAsked: false, asked };
  for (const signal of signals) {
    Deno.addSignalListener(signal, () => {
      stop.isAsked = true;
      resolve(signal);
    });
  }
  return stop;
}

/** Calls `reload` at each SIGHUP: what the files say now is to be used, and nobody ended. */
export function onReload(reload: () => void): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGHUP", reload);
}
