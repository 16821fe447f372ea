/** Resolves with the name of the first signal that asks this process to stop. */
export function stopSignal(): Promise<string> {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of signals) Deno.addSignalListener(signal, () => resolve(signal));
  return promise;
}
