import assert from "node:assert/strict";
import { authenticate } from "../../../turn/core/authenticate.ts";
import { Credentials } from "../../../turn/core/credentials.ts";
import { Nonces } from "../../../turn/core/nonce.ts";
import {
  Attribute,
  decode,
  MessageWriter,
  Method,
  type StunMessage,
  userhash,
} from "../../../turn/stun/mod.ts";
import { timeLimitedCredential } from "../../support/turn_client.ts";
import { CONFIG, flowFrom, UNIX_START } from "../../support/turn_harness.ts";

const FLOW = flowFrom("198.51.100.10:5000");

/** Credentials that count the keys made of them, each of which one integrity code is checked with. */
class Counted extends Credentials {
  keys = 0;

  override key(...by: Parameters<Credentials["key"]>): Uint8Array {
    this.keys++;
    return super.key(...by);
  }
}

/** How many keys a request costs that this name signed with a wrong password. */
function workFor(name: string | Uint8Array, realm = CONFIG.realm): number {
  const credentials = new Counted(CONFIG);
  credentials.revoke("mallory", 0, UNIX_START);
  const nonces = new Nonces(new Uint8Array(32), false);
  const writer = new MessageWriter(new Uint8Array(500))
    .start("request", Method.ALLOCATE, new Uint8Array(12));
  if (typeof name === "string") writer.text(Attribute.USERNAME, name);
  else writer.bytes(Attribute.USERHASH, name);
  writer.text(Attribute.REALM, realm).text(Attribute.NONCE, nonces.issue(FLOW, 0));
  const decoded = decode(writer.integrity("sha1", new Uint8Array(16)).finish());
  const { message } = decoded as { message: StunMessage };
  const outcome = authenticate(message, FLOW, credentials, nonces, 0, UNIX_START);
  assert.equal(outcome.kind === "refused" && outcome.code, 401);
  return credentials.keys;
}

Deno.test("RFC 8489 §9.2.4 steps 4 and 5: an unknown name costs the work of a known one", () => {
  const known = workFor("alice");
  assert.equal(known, 1);
  assert.equal(workFor("nobody"), known);
  assert.equal(workFor("__proto__"), known);
  assert.equal(workFor("alice", "another realm"), known);
  assert.equal(workFor(userhash("alice", CONFIG.realm)), known);
  assert.equal(workFor(userhash("nobody", CONFIG.realm)), known);
});

Deno.test("a time-limited name costs a key for each secret, whether it is good, expired or revoked", () => {
  const named = (user: string, seconds: number) =>
    workFor(timeLimitedCredential("any", user, UNIX_START + seconds).username);
  const good = named("carol", 900);
  assert.equal(good, CONFIG.secrets.length);
  assert.equal(named("carol", -1), good);
  assert.equal(named("mallory", 900), good);
});

Deno.test("nobody's password, which the work for an unknown name is done with, opens nothing", () => {
  const credentials = new Credentials(CONFIG);
  const nonces = new Nonces(new Uint8Array(32), false);
  const { credential, isKnown } = credentials.findByUsername("nobody", UNIX_START);
  assert.equal(isKnown, false);
  const [password = "no password"] = credential.passwords;
  const writer = new MessageWriter(new Uint8Array(500))
    .start("request", Method.ALLOCATE, new Uint8Array(12))
    .text(Attribute.USERNAME, "nobody").text(Attribute.REALM, CONFIG.realm)
    .text(Attribute.NONCE, nonces.issue(FLOW, 0))
    .integrity("sha1", credentials.key("md5", credential, password));
  const { message } = decode(writer.finish()) as { message: StunMessage };
  const outcome = authenticate(message, FLOW, credentials, nonces, 0, UNIX_START);
  assert.equal(outcome.kind === "refused" && outcome.code, 401);
});
