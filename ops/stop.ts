/** Resolves with the name of the first signal that asks this process to stop. */
export function stopSignal(): Promise<string> {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of signals) Deno.addSignalListener(signal, () => resolve(signal));
  return promise;
}

/** Calls `reload` at each SIGHUP: what the files say now is to be used, and nobody ended. */
export function onReload(reload: () => void): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGHUP", reload);
}
