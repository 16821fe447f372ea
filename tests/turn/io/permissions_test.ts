import { deepEqual } from "node:assert/strict";
import { lacksFast } from "./config.ts";

Deno.test("the worker may use the network and nothing else, and of that not what is denied", async () => {
  deepEqual(await probe("plain"), DENIED);
});

Deno.test({
  name: "the fast worker may open the C library besides, and no other",
  ignore: lacksFast(),
  fn: async () => deepEqual(await probe("fast"), { ...DENIED, libc: "allowed" }),
});

const DENIED = {
  read: "denied",
  write: "denied",
  env: "denied",
  run: "denied",
  sys: "denied",
  ffi: "denied",
  libc: "denied",
  import: "denied",
  worker: "denied",
  loopback: "allowed",
  metadata: "denied",
  mapped: "denied",
  tcp: "denied",
};

async function probe(io: string): Promise<unknown> {
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
      io,
    ],
  }).output();
  const text = new TextDecoder();
  return JSON.parse(text.decode(stdout) || text.decode(stderr));
}
