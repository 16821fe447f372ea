import assert from "node:assert/strict";
import { parse } from "../../bench/mod.ts";

Deno.test("without a name every comparison runs", () => {
  assert.deepEqual(parse([]).contests.map(({ name }) => name), ["relay", "signaling", "uclient"]);
});

Deno.test("wire formats are compared by name, or where none is named", () => {
  assert.equal(parse([]).codec, true);
  assert.equal(parse(["relay"]).codec, false);
  const { codec, contests } = parse(["codec"]);
  assert.deepEqual([codec, contests], [true, []]);
});

Deno.test("options replace each comparison's own settings", () => {
  const request = parse([
    "signaling",
    "--rounds=1",
    "--seconds",
    "0.5",
    "--clients",
    "4",
    "--json",
  ]);
  const [contest] = request.contests;
  assert.ok(contest && request.json);
  const { rate } = contest.defaults;
  assert.deepEqual(request.settings(contest), { rounds: 1, seconds: 0.5, clients: 4, rate });
});

const REFUSED: [string[], RegExp][] = [
  [
    ["realy"],
    /no comparison "realy"; there are relay, signaling, uclient, relay-floor, relay-delay, relay-capacity, relay-held, codec/,
  ],
  [["--rounds", "0"], /--rounds must be a number from 1 to 1000, not "0"/],
  [["--rounds", "1.5"], /--rounds must be whole/],
  [["--rounds", ""], /--rounds must be a number/],
  [["--seconds", "241"], /--seconds must be a number from 0.1 to 240/],
  [["--seconds", "five"], /not "five"/],
  [["--clients", "3"], /--clients must be even/],
  [["--clients", "12002"], /--clients must be a number from 2 to 12000/],
  [["--rate", "100001"], /--rate must be a number from 1 to 100000/],
  [["--fast"], /--fast/],
  [["relay-held", "--rate", "5"], /--rate says nothing to relay-held: there it is nothing sent/],
];
for (const [args, message] of REFUSED) {
  Deno.test(`${JSON.stringify(args)} is refused in words`, () => {
    assert.throws(() => parse(args), message);
  });
}
