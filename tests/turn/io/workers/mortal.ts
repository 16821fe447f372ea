/** The real worker, that dies when a user of one of these names is revoked. */
import "../../../../turn/worker.ts";

self.addEventListener("message", (event) => {
  const { data } = event as MessageEvent<{ kind: string; call?: { user?: string } }>;
  if (data.kind !== "call") return;
  const ways: Record<string, () => void> = {
    "throw": () => {
      throw new Error("a bug met its packet");
    },
    "reject": () => void Promise.reject(new Error("nobody waited for this")),
    "vanish": () => self.close(),
  };
  if (data.call?.user !== undefined) ways[data.call.user]?.();
});
