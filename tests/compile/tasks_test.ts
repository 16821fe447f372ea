import assert from "node:assert/strict";
import { LIBRARIES } from "../../turn/io/fast/libraries.ts";
import { compileArgs, type Project, serverFlags, withoutBase } from "../../compile/mod.ts";

const text = await Deno.readTextFile(new URL("../../deno.json", import.meta.url));
const project: Project = JSON.parse(text);

Deno.test("no task gives every permission", () => {
  assert.doesNotMatch(text, /(\s|")(-A|--allow-all|-P)\b/);
});

Deno.test("the server runs with the permissions it needs, by name, and never asks for more", () => {
  const flags = serverFlags(project, "/data folder");
  const granted = flags.filter((flag) => flag.startsWith("--allow"));
  assert.deepEqual(granted, [
    "--allow-net",
    "--allow-read=.,/data folder",
    "--allow-write=/data folder",
    "--allow-env=HEARTH_*,HOME,XDG_DATA_HOME,LOCALAPPDATA,NOTIFY_SOCKET,WATCHDOG_USEC",
    "--allow-sys=networkInterfaces,statfs",
  ]);
  assert(flags.includes("--no-prompt"));
});

Deno.test("the server cannot send to what hands out a cloud machine's credentials", async () => {
  const denied = serverFlags(project, "/tmp").find((flag) => flag.startsWith("--deny-net="));
  assert(denied);
  // The IPv4-mapped form is the same destination by another name.
  const metadata = [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "100.100.100.200",
    "fd00:ec2::254",
  ];
  const script = `for (const hostname of ${JSON.stringify(metadata)}) {
    const all = hostname.includes(":") ? "::" : "0.0.0.0";
    const socket = Deno.listenDatagram({ transport: "udp", hostname: all, port: 0 });
    await socket.send(new Uint8Array(1), { transport: "udp", hostname, port: 80 })
      .then(() => console.log("sent"), (error) => console.log(error.name));
    socket.close();
  }`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--unstable-net", "--no-prompt", "--allow-net", denied, file],
    }).output();
    const answers = new TextDecoder().decode(stdout).trim().split("\n");
    assert.deepEqual(answers, metadata.map(() => "NotCapable"));
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a compiled program has the server's flags, and all that no import leads to", () => {
  const args = compileArgs(project, { output: "hearth", target: "t" });
  const flags = serverFlags(project, "/data").filter((flag) => !flag.endsWith("/data"));
  for (const flag of flags) assert(args.includes(flag), flag);
  // Its data folder is another one on each machine that it is copied to.
  for (const flag of ["--allow-read", "--allow-write"]) assert(args.includes(flag), flag);
  for (
    const flag of [
      "--include=turn/worker.ts",
      "--include=ops/notify_worker.ts",
      "--include=web/pages",
      "--include=commit.json",
      "--target=t",
    ]
  ) {
    assert(args.includes(flag), flag);
  }
  assert.equal(args.at(-1), "main.ts");
});

Deno.test("start:fast is start with the C library, by the paths that the relay looks for", () => {
  const { start, "start:fast": fast } = JSON.parse(text).tasks;
  const run = "deno run --no-prompt --frozen ";
  const expected = start.command
    .replace(`${run}--allow-net`, `${run}--allow-ffi=${LIBRARIES} --allow-net`)
    .replace(/$/, " --turn-io=fast");
  assert.equal(fast.command, expected);
});

Deno.test("a project without the task is a mistake of ours", () => {
  assert.throws(() => serverFlags({ tasks: { start: "deno run other.ts" } }, "/data"));
});

Deno.test("where the base cannot be had, one is told which file it is and how to supply it", () => {
  const lines = withoutBase("2.9.6", "aarch64-unknown-linux-gnu").join("\n");
  assert.match(lines, /v2\.9\.6\/denort-aarch64-unknown-linux-gnu\.zip/);
  assert.match(lines, /DENORT_BIN=/);
});
