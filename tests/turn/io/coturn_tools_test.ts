/** Clients that nobody here wrote: coturn's own tools against the relay in its worker. */
import { equal, match } from "node:assert/strict";
import { start } from "../../../turn/mod.ts";
import { lacks } from "../../support/needs.ts";
import { type Io, PASSWORD, REALM, testConfig, testEachDriver, USER } from "./config.ts";

const ignore = lacks("coturn");
/** Each client sends so many messages, and half of the clients' number reaches each other. */
const MESSAGES = 20;

async function run(program: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command("timeout", { args: ["30", program, ...args] });
  const { stdout, stderr } = await command.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/**
 * Without limits: each run leaves allocations behind, and all come from one address. With RFC 5766's
 * channels: coturn 4.6's client draws from 0x4000-0x7FFF.
 */
async function startTest(io: Io) {
  const handle = start(testConfig({ io, limits: "off", oldChannels: true }));
  const { port } = await handle.ready;
  return { port, [Symbol.asyncDispose]: () => handle.close() };
}

function uclient(port: number, ...args: string[]): Promise<string> {
  const user = ["-u", USER, "-w", PASSWORD, "-r", REALM];
  return run(
    "turnutils_uclient",
    ...user,
    "-p",
    `${port}`,
    // Client to client.
    "-y",
    "-n",
    `${MESSAGES}`,
    "-l",
    "160",
    ...args,
    "127.0.0.1",
  );
}

function nothingLost(output: string, clients: number): void {
  const all = clients * MESSAGES;
  match(output, new RegExp(`tot_send_msgs=${all}, tot_recv_msgs=${all}\\b`));
  match(output, /Total lost packets 0 \(0\.000000%\)/);
}

for (const [transport, flags] of [["UDP", []], ["TCP", ["-t"]]] as const) {
  testEachDriver(`turnutils_uclient -y, ${transport}, Send: nothing is lost`, async (io) => {
    await using server = await startTest(io);
    nothingLost(await uclient(server.port, "-s", "-m", "2", ...flags), 4);
  }, { ignore });

  testEachDriver(`turnutils_uclient -y, ${transport}, channels: nothing is lost`, async (io) => {
    await using server = await startTest(io);
    nothingLost(await uclient(server.port, "-c", "-m", "2", ...flags), 2);
  }, { ignore });
}

testEachDriver("turnutils_stunclient sees its own address", async (io) => {
  await using server = await startTest(io);
  const output = await run("turnutils_stunclient", "-p", `${server.port}`, "127.0.0.1");
  equal(/UDP reflexive addr: 127\.0\.0\.1:\d+/.test(output), true, output);
}, { ignore });
