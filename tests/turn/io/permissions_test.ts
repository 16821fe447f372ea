import { deepEqual } from "node:assert/strict";

Deno.test("the worker may use the network and nothing else, and of that not what is denied", async () => {
  const root = new URL("../../../", import.meta.url);
  // As the tasks start the program, with all that the worker could inherit.
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    cwd: root,
    args: [
      "run",
      "--no-prompt",
      "--allow-net",
      "--deny-net=169.254.0.0/16",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-run",
      "--allow-sys",
      "--allow-ffi",
      "tests/turn/io/workers/start_probe.ts",
    ],
  }).output();
  const text = new TextDecoder();
  const found = text.decode(stdout) || text.decode(stderr);
  deepEqual(JSON.parse(found), {
    read: "denied",
    write: "denied",
    env: "denied",
    run: "denied",
    sys: "denied",
    ffi: "denied",
    import: "denied",
    worker: "denied",
    loopback: "allowed",
    metadata: "denied",
    mapped: "denied",
    tcp: "denied",
  });
});
