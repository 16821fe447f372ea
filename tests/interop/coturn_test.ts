/** Clients that nobody here wrote: coturn's own tools against the relay in its worker. */
import { equal, match, ok } from "node:assert/strict";
import { start } from "../../turn/mod.ts";
import { lacks } from "../support/needs.ts";
import { freePort } from "../../bench/process.ts";
import { PASSWORD, REALM, SECRET, testConfig, USER } from "../turn/io/config.ts";

const ignore = lacks("coturn");
/** What each session sends. */
const MESSAGES = 20;
const STATIC = ["-u", USER, "-w", PASSWORD];
const BY_SECRET = ["-u", USER, "-W", SECRET];

/** How the tool is run, and how many messages must come back for as many sent. */
interface Mode {
  readonly name: string;
  readonly flags: readonly string[];
  readonly messages: number;
  readonly server?: "::1";
  readonly credential?: readonly string[];
  /** Through the relay to `turnutils_peer` and back, instead of from client to client. */
  readonly toPeer?: true;
}

/** Two sessions where `-y` makes a pair, and twice as many where RTP has RTCP beside it (no `-c`). */
const MODES: readonly Mode[] = [
  { name: "UDP, channels, EVEN-PORT and its reservation", flags: ["-y"], messages: 80 },
  { name: "UDP, channels", flags: ["-y", "-c"], messages: 40 },
  { name: "UDP, Send indications", flags: ["-y", "-s"], messages: 80 },
  { name: "TCP, channels", flags: ["-y", "-c", "-t"], messages: 40 },
  { name: "TCP, Send indications", flags: ["-y", "-s", "-t"], messages: 80 },
  { name: "to a peer, channels and a reservation", flags: [], messages: 40, toPeer: true },
  { name: "to a peer, Send indications", flags: ["-s"], messages: 40, toPeer: true },
  { name: "to a peer, over TCP", flags: ["-t"], messages: 40, toPeer: true },
  { name: "ChannelData padded over UDP", flags: ["-y", "-c", "-D"], messages: 40 },
  { name: "IPv6 relays, IPv6", flags: ["-y", "-c", "-x"], messages: 40, server: "::1" },
  {
    name: "IPv6 relays, IPv6 and TCP",
    flags: ["-y", "-c", "-x", "-t"],
    messages: 40,
    server: "::1",
  },
  { name: "IPv6 relays, IPv4", flags: ["-y", "-c", "-x"], messages: 40 },
  { name: "IPv4 relays, IPv6", flags: ["-y", "-c", "-X"], messages: 40, server: "::1" },
  { name: "negative tests", flags: ["-y", "-c", "-N"], messages: 40 },
  { name: "clients that leave early", flags: ["-y", "-c", "-B"], messages: 40 },
  { name: "extra permissions and channels", flags: ["-y", "-c", "-G"], messages: 40 },
  { name: "ICE mobility asked for, which is left out", flags: ["-y", "-c", "-M"], messages: 40 },
  { name: "ten clients", flags: ["-y", "-c", "-m", "10"], messages: 200 },
  {
    name: "a time-limited credential",
    flags: ["-y", "-s"],
    messages: 80,
    credential: BY_SECRET,
  },
];

/** What is refused on purpose: RFC 8656 gives the server the right, and the tool says why. */
const REFUSED: readonly (Omit<Mode, "messages"> & { readonly says: RegExp })[] = [
  {
    name: "DONT-FRAGMENT, which no datagram socket of Deno can honour (RFC 8656 §7.2)",
    flags: ["-y", "-c", "-g"],
    says: /error 420 \(Unknown Attribute: DONT-FRAGMENT/,
  },
  {
    name: "TCP relays, which are RFC 6062",
    flags: ["-T"],
    says: /error 442 \(Unsupported Transport Protocol/,
  },
  {
    name: "RFC 5766's channels for a time-limited user (RFC 8656 §12)",
    flags: ["-y", "-c", "-m", "10"],
    credential: BY_SECRET,
    says: /error 400 \(Bad Request: a channel number is in 0x4000-0x4FFF\)/,
  },
  {
    name: "a wrong password",
    flags: ["-y", "-c"],
    credential: ["-u", USER, "-w", "wrong"],
    says: /Cannot complete Allocation/,
  },
];

/** A tool may hang without a working path. */
const PATIENCE_SECONDS = 30;

async function run(program: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command("timeout", { args: [`${PATIENCE_SECONDS}`, program, ...args] });
  const { stdout, stderr } = await command.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/**
 * Without limits: each run leaves allocations behind, and all come from one address. With RFC 5766's
 * channels: coturn 4.6's client draws from 0x4000-0x7FFF.
 */
async function startTest() {
  const loopback = ["127.0.0.1", "::1"];
  const handle = start(testConfig({
    hosts: loopback,
    externalIps: loopback,
    ownIps: loopback,
    peerAllow: ["127.0.0.0/8", "::1/128"],
    limits: "off",
    oldChannels: true,
  }));
  const { port } = await handle.ready;
  return { port, handle, [Symbol.asyncDispose]: () => handle.close() };
}

async function uclient(port: number, mode: Omit<Mode, "messages">): Promise<string> {
  const { flags, credential = STATIC, server = "127.0.0.1" } = mode;
  const own = [...credential, "-r", REALM, "-p", `${port}`, "-n", `${MESSAGES}`, "-l", "160"];
  if (!mode.toPeer) return await run("turnutils_uclient", ...own, ...flags, server);
  const peerPort = `${freePort()}`;
  const peer = new Deno.Command("turnutils_peer", {
    args: ["-L", "127.0.0.1", "-p", peerPort],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const towards = ["-e", "127.0.0.1", "-r", peerPort];
    return await run("turnutils_uclient", ...own, ...flags, ...towards, server);
  } finally {
    peer.kill("SIGKILL");
    await peer.status;
  }
}

// The tool waits far more than it computes, so all modes run at once.
Deno.test("turnutils_uclient loses nothing in any mode", { ignore }, async (t) => {
  await using server = await startTest();
  await Promise.all(MODES.map((mode) =>
    t.step({
      name: mode.name,
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
      async fn() {
        const output = await uclient(server.port, mode);
        const all = mode.messages;
        match(output, new RegExp(`tot_send_msgs=${all}, tot_recv_msgs=${all}\\b`));
        match(output, /Total lost packets 0 \(0\.000000%\)/);
      },
    })
  ));
});

Deno.test("turnutils_uclient is told why, where it is refused", { ignore }, async () => {
  await using server = await startTest();
  await Promise.all(REFUSED.map(async (mode) => {
    const output = await uclient(server.port, mode);
    match(output, mode.says, mode.name);
    ok(!/tot_recv_msgs=[1-9]/.test(output), `${mode.name}: nothing came through`);
  }));
});

// coturn 4.6 asks for the second family by a draft's number, 0x8032, where RFC 8656 §18 has 0x8000: it is
// ignored as an unknown comprehension-optional attribute (RFC 8489 §14), and the relay has one family.
// The tool then refreshes a family at random, and one that the allocation lacks is 443 (RFC 8656 §8.2).
Deno.test("turnutils_uclient -Z gets one family, and 443 for the other", { ignore }, async () => {
  await using server = await startTest();
  const flags = ["-y", "-Z"];
  const outputs = await Promise.all(
    Array.from({ length: 8 }, () => uclient(server.port, { name: "two families", flags })),
  );
  for (const output of outputs) {
    ok(/error 443 \(|tot_send_msgs=40, tot_recv_msgs=40\b/.test(output), output);
    const errors = [...output.matchAll(/error (\d+) \(/g)].map(([, code]) => code);
    equal(errors.every((code) => code === "443"), true, output);
  }
});

// The tool ruins bytes of its own messages: their FINGERPRINT is then wrong or they are no STUN, and
// RFC 8489 §6.3 and §7 have them dropped in silence. coturn's client can wait for an answer without
// end, so it is stopped after a while, and what counts is that the relay is as good as before.
Deno.test("turnutils_uclient -R ruins its own messages, and nothing else", { ignore }, async () => {
  await using server = await startTest();
  const flags = ["-u", USER, "-w", PASSWORD, "-p", `${server.port}`, "-y", "-c", "-R"];
  const ruining = new Deno.Command("timeout", {
    args: ["5", "turnutils_uclient", ...flags, "127.0.0.1"],
    stdout: "null",
    stderr: "null",
  });
  await Promise.all(Array.from({ length: 4 }, () => ruining.output()));
  equal(server.handle.state.kind, "listening");
  const output = await uclient(server.port, { name: "afterwards", flags: ["-y", "-c"] });
  match(output, /tot_send_msgs=40, tot_recv_msgs=40\b/);
});

for (const address of ["127.0.0.1", "::1"]) {
  Deno.test(`turnutils_stunclient sees its own address, ${address}`, { ignore }, async () => {
    await using server = await startTest();
    const output = await run("turnutils_stunclient", "-p", `${server.port}`, address);
    ok(output.includes(`UDP reflexive addr: ${address}:`), output);
  });
}

for (const behaviour of ["-m", "-f", "-H"]) {
  Deno.test(`turnutils_natdiscovery ${behaviour} sees its own address`, { ignore }, async () => {
    await using server = await startTest();
    const output = await run(
      "turnutils_natdiscovery",
      behaviour,
      "-p",
      `${server.port}`,
      "127.0.0.1",
    );
    const [, mapped] = /UDP reflexive addr: 127\.0\.0\.1:(\d+)/.exec(output) ?? [];
    const [, local] = /Local addr: : 0\.0\.0\.0:(\d+)/.exec(output) ?? [];
    equal(mapped, local, output);
    ok(mapped !== undefined, output);
  });
}

// RFC 8489 §6.3.1: PADDING is comprehension-required and of RFC 5780, which is left out.
Deno.test("turnutils_natdiscovery -P is refused PADDING with 420", { ignore }, async () => {
  await using server = await startTest();
  const output = await run(
    "turnutils_natdiscovery",
    "-m",
    "-P",
    "-p",
    `${server.port}`,
    "127.0.0.1",
  );
  match(output, /The response is an error 420 \(Unknown Attribute\)/);
});
