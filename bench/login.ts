/**
 * Whether the time of a refused login tells that a name exists: a statistical test.
 *
 *     deno task bench:login [--tries N] [--cost LOG2N]
 *
 * The less a hash costs, the better the rest of the work shows; 17 is what the server uses.
 */
import { parseArgs } from "node:util";
import { openAuth } from "../auth/mod.ts";
import { type Progress, progressLine } from "../progress/mod.ts";
import { mannWhitney } from "./mann_whitney.ts";
import { summarize } from "./stats.ts";
import { table } from "./table.ts";

const PASSWORD = "correct horse battery staple";
const WRONG = "wrong horse battery staple";
/** The first ones find caches cold. */
const WARM_UP = 50;

/** Each kind of refusal; all are compared with the first, of which the second is another sample. */
const KINDS = [
  { name: "unknown name", login: "nobody", password: WRONG },
  { name: "unknown name, again", login: "nobodyelse", password: WRONG },
  { name: "known name", login: "alice", password: WRONG },
  { name: "disabled, right password", login: "disabled", password: PASSWORD },
] as const;

async function timesOf(tries: number, cost: number, progress: Progress): Promise<number[][]> {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-bench-" });
  const opened = await openAuth({
    dataDir,
    realm: "game",
    auth: "open",
    registration: "closed",
    tokenLifeSeconds: 900,
    sessionLifeSeconds: 86_400,
    credentialLifeSeconds: 43_200,
    turn: { port: 3478, secrets: ["secret"], udp: true, tcp: true },
    origins: [],
    limits: "off",
    clock: Date.now,
    monotonic: () => performance.now(),
    note: () => {},
    cost: { N: 2 ** cost, r: 8, p: 1 },
  });
  if (opened.kind === "failed") throw new Error(opened.message);
  const { users, routes, close } = opened.value;
  try {
    await users.add("alice", PASSWORD);
    await users.add("disabled", PASSWORD);
    users.disable("disabled");
    const logIn = async (login: string, password: string) => {
      const begin = performance.now();
      const response = await routes.request("http://localhost/api/login", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ login, password }),
      }, { remoteAddress: "127.0.0.1" });
      await response.text();
      const time = performance.now() - begin;
      if (response.status !== 401) throw new Error(`A login was answered ${response.status}`);
      return time;
    };
    const times = KINDS.map((): number[] => []);
    for (let round = -WARM_UP; round < tries; round++) {
      progress(round < 0 ? "warm-up" : `round ${round + 1} of ${tries}`);
      // In another order each round, so that none always comes after the same.
      for (const kind of shuffled([...KINDS.keys()])) {
        const { login, password } = KINDS[kind] ?? KINDS[0];
        const time = await logIn(login, password);
        if (round >= 0) times[kind]?.push(time);
      }
    }
    return times;
  } finally {
    close();
    await Deno.remove(dataDir, { recursive: true });
  }
}

function shuffled(items: number[]): number[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [items[last], items[other]] = [items[other] ?? 0, items[last] ?? 0];
  }
  return items;
}

const { values } = parseArgs({
  args: Deno.args,
  options: {
    tries: { type: "string", default: "500" },
    cost: { type: "string", default: "10" },
  },
});
const [tries, cost] = [Number(values.tries), Number(values.cost)];
const progress = progressLine();
const times = await timesOf(tries, cost, progress);
progress("");
const [reference = []] = times;
const rows = times.map((sample, kind) => {
  const { median, low, high } = summarize(sample);
  const { share, p } = mannWhitney(reference, sample);
  const time = `${median.toFixed(3)} [${low.toFixed(3)}–${high.toFixed(3)}]`;
  const test = kind === 0 ? ["-", "-"] : [share.toFixed(3), p.toFixed(3)];
  return [KINDS[kind]?.name ?? "", time, ...test];
});
console.log(
  `${tries} refused logins of each kind, scrypt N=2^${cost}; times in ms, with quartiles.`,
);
console.log(
  "Mann–Whitney against the first row. Slower: the share of pairs in which it was; 0.5 tells nothing.",
);
console.log();
console.log(table(["", "time", "slower", "p"], rows));
