/** The reliable layer over ways that lose, and that change. */
import { deepEqual, equal } from "node:assert/strict";
import {
  type Message,
  Receiver,
  RESEND_MS,
  Sender,
  UNACKNOWLEDGED_BYTES,
} from "../../client/core/mod.ts";
import { chance as chanceOf } from "../support/chance.ts";

Deno.test("Whatever the ways lose and however they change, each message comes once, in order", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const chance = chanceOf(seed);
  for (let history = 0; history < 300; history++) {
    const [sender, receiver] = [new Sender(), new Receiver()];
    const ways: Message[][] = [[], []];
    const got: number[] = [];
    let [way, pushed, now] = [0, 0, 0];
    const step = (calm: boolean) => {
      now += 100;
      if (!calm && pushed < 50 && sender.push("bytes", Uint8Array.of(pushed))) pushed++;
      if (!calm && chance() < 0.1) {
        way = 1 - way;
        sender.rewind();
      }
      for (let next = sender.next; next && (calm || chance() < 0.7); next = sender.next) {
        if (calm || chance() < 0.8) ways[way]?.push(next);
        sender.sent(now);
      }
      for (const messages of ways) {
        while (messages.length > 0 && (calm || chance() < 0.6)) {
          const message = messages.shift();
          if (message && receiver.accept(message)) got.push(message.data[0] ?? -1);
        }
      }
      const { ack } = receiver;
      if (ack && (calm || chance() < 0.5)) {
        receiver.acknowledged();
        sender.acknowledge(ack.seq, now);
      }
      sender.check(now);
    };
    for (let count = 0; count < 200; count++) step(false);
    for (let count = 0; count < 3 * RESEND_MS / 100; count++) step(true);
    deepEqual(got, Array.from({ length: pushed }, (_, index) => index), `seed ${seed}`);
    equal(sender.bytes, 0, `seed ${seed}`);
  }
});

Deno.test("What waits for an acknowledgement is bounded, to the byte", () => {
  const sender = new Sender();
  equal(sender.push("bytes", new Uint8Array(UNACKNOWLEDGED_BYTES)), true);
  equal(sender.push("bytes", new Uint8Array(1)), false);
  sender.acknowledge(1, 0);
  equal(sender.push("bytes", new Uint8Array(1)), true);
});
