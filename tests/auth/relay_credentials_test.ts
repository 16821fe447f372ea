/** Who issues credentials and who verifies them agree on which have ended, to the millisecond. */
import { equal } from "node:assert/strict";
import { RelayCredentials } from "../../auth/relay_credentials.ts";
import { Credentials } from "../../turn/core/credentials.ts";

const LIFE = 3_600;
const START = 1_800_000_000_100;

function makeWorld() {
  const world = { now: START };
  const verifier = new Credentials({
    realm: "game",
    users: [],
    secrets: ["a secret"],
    credentialSeconds: LIFE,
  });
  const issuer = new RelayCredentials({
    turn: { port: 3478, secrets: ["a secret"], udp: true, tcp: true },
    publicHost: undefined,
    lifeSeconds: LIFE,
    clock: () => world.now,
    revokeRelay: (subject, at) => verifier.revoke(subject, 0, at / 1_000),
  });
  const issue = (subject = "user.ada") => {
    const { iceServers } = issuer.issue(subject, "game.example");
    return iceServers.find(({ username }) => username !== undefined)?.username ?? "";
  };
  const holds = (username: string) => verifier.findByUsername(username, world.now / 1_000).isKnown;
  return { world, issuer, issue, holds };
}

Deno.test("who comes back in the millisecond of the end has a credential that holds", () => {
  const { issuer, issue, holds } = makeWorld();
  const before = issue();
  equal(holds(before), true);
  issuer.end("user.ada");
  equal(holds(before), false);
  equal(holds(issue()), true);
});

Deno.test("what was issued between two ends of one second goes with the second", () => {
  const { world, issuer, issue, holds } = makeWorld();
  issuer.end("user.ada");
  const between = issue();
  world.now += 300;
  issuer.end("user.ada");
  equal(holds(between), false);
  const after = issue();
  equal(holds(after), true);
  world.now += 5_000;
  equal(holds(after), true);
  equal(holds(between), false);
  issuer.end("user.ada");
  equal(holds(after), false);
});

Deno.test("the end of one is nobody else's", () => {
  const { issuer, issue, holds } = makeWorld();
  const bobs = issue("user.bob");
  issuer.end("user.ada");
  equal(holds(bobs), true);
  equal(issue("user.bob"), bobs);
});
