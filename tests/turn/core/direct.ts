import assert from "node:assert/strict";
import type { TransportAddress } from "../../../turn/address.ts";
import type { FiveTuple } from "../../../turn/core/mod.ts";
import type { MessageWriter } from "../../../turn/stun/mod.ts";
import { type ClientEvent, TurnClient } from "../../support/turn_client.ts";
import { at, flowFrom, type Harness, seeded } from "../../support/turn_harness.ts";

/** A client at the harness's core, with nothing between them. */
export class Direct {
  readonly client: TurnClient;
  readonly flow: FiveTuple;
  readonly #harness: Harness;

  constructor(harness: Harness, from: string, username = "alice", password = "secret") {
    this.#harness = harness;
    this.flow = flowFrom(from);
    this.client = new TurnClient({ username, password, random: seeded(from.length + 1) });
  }

  do(act: (client: TurnClient, now: number) => void): ClientEvent[] {
    act(this.client, this.#harness.now);
    for (let sent = this.client.takeOutput(); sent.length > 0; sent = this.client.takeOutput()) {
      for (const bytes of sent) this.#harness.core.fromClient(this.flow, bytes, this.#harness.now);
      this.receive();
    }
    return this.client.takeEvents();
  }

  receive(): void {
    for (const bytes of this.#harness.take(this.flow)) this.client.input(bytes, this.#harness.now);
  }

  /** `allocated`, or the code of the refusal. */
  allocate(extra?: (writer: MessageWriter) => void): string | number {
    return brief(this.do((client, now) => client.allocate(now, extra)))[0] ?? "silence";
  }

  permit(ip: string): string | number {
    return brief(this.do((client, now) => client.permit(at(`${ip}:1`), now)))[0] ?? "silence";
  }

  get relayed(): TransportAddress {
    assert.ok(this.client.relayed);
    return this.client.relayed;
  }
}

/** What happened, in a word or a code. */
export const brief = (events: readonly ClientEvent[]) =>
  events.map((event) => (event.kind === "failed" ? event.code : event.kind));
