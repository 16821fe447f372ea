/** Plays a case of the golden table on the core, with a clock and a network that are made up. */
import assert from "node:assert/strict";
import { familyOf, formatAddress } from "../../../turn/address.ts";
import type { FiveTuple, Transport } from "../../../turn/core/mod.ts";
import { decode } from "../../../turn/stun/mod.ts";
import { at, flowFrom, Harness } from "../../support/turn_harness.ts";
import type { Case, Signed, Step } from "./golden_case.ts";
import { GoldenClient, nonceOf, unsignedAllocate } from "./golden_client.ts";

export const VARIANTS: readonly (readonly [transport: Transport, client: string])[] = [
  ["udp", "198.51.100.10:5000"],
  ["tcp", "198.51.100.10:5000"],
  ["udp", "[2001:db8:1::10]:5000"],
  ["tcp", "[2001:db8:1::10]:5000"],
];

/** Plays one case for one kind of client, and compares what came of its last step. */
export function play(
  test: Case,
  transport: Transport,
  client: string,
  harness = new Harness(test.config),
): void {
  const flow = flowFrom(client, transport);
  if (test.from !== undefined && familyOf(flow.client.ip) !== test.from) return;
  const player = new Player(harness, flow);
  for (const step of test.given ?? []) player.step(step);
  harness.take(flow);
  harness.toPeer.splice(0);
  player.step(test.then);
  assert.equal(player.outcome(), test.expect);
}

class Player {
  readonly #harness: Harness;
  readonly #flow: FiveTuple;
  readonly #client: GoldenClient;
  #isRetransmission = false;

  constructor(harness: Harness, flow: FiveTuple) {
    this.#harness = harness;
    this.#flow = flow;
    const { transport, client } = flow;
    this.#client = new GoldenClient({ transport, client, addressOf: at, nameOf: formatAddress });
  }

  step(step: Step): void {
    const harness = this.#harness;
    if ("drain" in step) return harness.core.drain();
    if ("wait" in step) return harness.advance(step.wait);
    if ("peer" in step) {
      const isV6 = step.peer.startsWith("[");
      const relay = this.#client.relayed.find(({ ip }) => (typeof ip === "string") === isV6);
      if (!relay) throw new Error("There is no relay for that peer");
      return harness.fromPeer(formatAddress(relay), step.peer, Uint8Array.from(step.data));
    }
    harness.core.fromClient(this.#flow, this.#bytesOf(step), harness.now);
    for (const { bytes } of harness.toClient) this.#client.learn(bytes);
  }

  /** What the last step led to, in the table's words. */
  outcome(): string {
    const said = this.#harness.take(this.#flow).map((bytes) => {
      this.#checkRelays(bytes);
      return this.#client.say(bytes);
    });
    for (const { peer, bytes } of this.#harness.toPeer.splice(0)) {
      said.push(`to ${formatAddress(peer)}: ${bytes.toHex()}`);
    }
    return said.join("; ") || "silence";
  }

  #bytesOf(step: Exclude<Step, { drain: true } | { peer: string } | { wait: number }>): Uint8Array {
    if ("bytes" in step) return Uint8Array.from(step.bytes);
    this.#isRetransmission = step.transaction !== undefined;
    return this.#client.encode(step, step.signed === "not" ? "" : this.#nonce(step.signed.nonce));
  }

  /** What is told is open; but a retransmission is told what was when it was first asked for. */
  #checkRelays(bytes: Uint8Array): void {
    const decoded = decode(bytes);
    if (decoded.kind !== "message" || this.#isRetransmission) return;
    for (const relayed of decoded.message.attributes.relayedAddresses) {
      assert.ok(this.#harness.open.has(formatAddress(relayed)), "what is told is open");
    }
  }

  #nonce(kind: Signed["nonce"]): string {
    const flow = kind === "other" ? flowFrom("198.51.100.99:5000") : this.#flow;
    const kept = this.#harness.toClient.splice(0);
    const [challenge] = this.#harness.ask(flow, unsignedAllocate());
    this.#harness.toClient.push(...kept);
    if (kind === "old") this.#harness.advance(30 * 60_000);
    return nonceOf(challenge ?? new Uint8Array(), kind);
  }
}
