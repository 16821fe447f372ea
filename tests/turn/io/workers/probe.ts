import { LIBRARIES } from "../../../../turn/io/fast/libraries.ts";

/** Tries what the worker may not do, and tells what became of each as the reason not to start. */
async function attempt(what: () => unknown): Promise<string> {
  try {
    await what();
    return "allowed";
  } catch (error) {
    const message = String(error);
    return /^NotCapable|Requires import access/.test(message) ? "denied" : message;
  }
}

function send(hostname: string): () => Promise<void> {
  return async () => {
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 });
    try {
      await socket.send(new Uint8Array(1), { transport: "udp", hostname, port: 9 });
    } finally {
      socket.close();
    }
  };
}

/** The C library of this machine, by one of the paths that the fast driver knows. */
function openLibrary(): void {
  const failures: unknown[] = [];
  for (const path of LIBRARIES) {
    try {
      return Deno.dlopen(path, {}).close();
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}

self.addEventListener("message", async () => {
  const found = {
    read: await attempt(() => Deno.readTextFile(new URL(import.meta.url))),
    write: await attempt(() => Deno.writeTextFile("/tmp/hearth-probe", "")),
    env: await attempt(() => Deno.env.get("HOME")),
    run: await attempt(() => new Deno.Command(Deno.execPath()).output()),
    sys: await attempt(() => Deno.networkInterfaces()),
    ffi: await attempt(() => Deno.dlopen("libc.so.6", {})),
    libc: await attempt(openLibrary),
    import: await attempt(() => import(String("https://example.invalid/x.ts"))),
    worker: await attempt(() => {
      const permissions: Deno.PermissionOptionsObject = { env: true };
      new Worker(import.meta.url, { type: "module", deno: { permissions } });
    }),
    loopback: await attempt(send("127.0.0.1")),
    metadata: await attempt(send("169.254.169.254")),
    mapped: await attempt(send("::ffff:169.254.169.254")),
    tcp: await attempt(() => Deno.connect({ hostname: "169.254.169.254", port: 80 })),
  };
  self.postMessage({ kind: "unable", reason: JSON.stringify(found) });
});
