/** The client's decisions by themselves. */
import { deepEqual, equal } from "node:assert/strict";
import {
  decodeFrame,
  EchoMeter,
  encodeFrame,
  HEADER_BYTES,
  LossMeter,
  Pacer,
  Pair,
  renewAt,
} from "../../client/core/mod.ts";

const LIMITS = {
  maxMessageBytes: null,
  messagesPerSecond: 10,
  relayBytesPerSecond: 1_000,
  idleSeconds: null,
};

Deno.test("The pacer lets 70 % of the server's messages go, and no more", () => {
  const pacer = new Pacer(LIMITS, 0);
  const taken = (now: number) => {
    let count = 0;
    while (pacer.take(1, now)) count++;
    return count;
  };
  deepEqual([taken(0), taken(0), taken(1_000), taken(60_000)], [7, 0, 7, 7]);
});

Deno.test("The pacer lets 70 % of the server's bytes go; what is greater goes when it is full", () => {
  const pacer = new Pacer({ ...LIMITS, messagesPerSecond: null }, 0);
  deepEqual([pacer.take(700, 0), pacer.take(1, 0), pacer.take(700, 1_000)], [true, false, true]);
  deepEqual([pacer.take(1_400, 1_500), pacer.take(1_400, 2_000)], [false, true]);
  // It is in debt now for a second more.
  deepEqual([pacer.take(1, 3_000), pacer.take(1, 3_002)], [false, true]);
});

Deno.test("Unreliable data leaves a fifth of the messages to the rest", () => {
  const pacer = new Pacer(LIMITS, 0);
  const taken = (isLoose: boolean) => {
    let count = 0;
    while (pacer.take(1, 0, isLoose)) count++;
    return count;
  };
  deepEqual([taken(true), taken(false)], [5, 2]);
});

Deno.test("A pair is asked for the echo every five seconds while data comes, and answers once a second", () => {
  const echo = new EchoMeter();
  equal(echo.due(0), undefined, "nothing has come");
  echo.heard();
  deepEqual([echo.due(10), echo.due(20)], [1, 1], "until it could be asked");
  echo.asked(20);
  echo.heard();
  deepEqual([echo.due(5_019), echo.due(5_020)], [undefined, 2]);
  equal(echo.answered(1, 60), 0.04);
  echo.asked(5_020);
  equal(echo.answered(1, 5_050), undefined, "the answer to an earlier question");
  deepEqual([echo.mayAnswer(0), echo.mayAnswer(999), echo.mayAnswer(1_000)], [true, false, true]);
});

Deno.test("Without limits the pacer lets everything go", () => {
  const pacer = new Pacer({ ...LIMITS, messagesPerSecond: null, relayBytesPerSecond: null }, 0);
  for (let count = 0; count < 1_000; count++) equal(pacer.take(65_536, 0), true);
});

Deno.test("A frame is read as it was written; anything shorter or of another kind is none", () => {
  const frame = {
    kind: "loose-bytes",
    seq: 2 ** 32 - 1,
    from: 1,
    to: 2 ** 31,
    data: Uint8Array.of(7),
  } as const;
  const bytes = encodeFrame(frame);
  deepEqual(decodeFrame(bytes), frame);
  equal(decodeFrame(bytes.slice(0, HEADER_BYTES - 1)), undefined);
  equal(decodeFrame(Uint8Array.of(7, ...bytes.slice(1))), undefined);
  equal(decodeFrame(new Uint8Array()), undefined);
});

Deno.test("A pair knows a stranger, and one that is misled", () => {
  const pair = new Pair(5);
  equal(pair.judge({ from: 9, to: 4 }), "misled");
  deepEqual(pair.ends, { from: 5, to: 0 });
  equal(pair.judge({ from: 8, to: 0 }), "known");
  deepEqual(pair.ends, { from: 5, to: 8 });
  deepEqual([pair.judge({ from: 8, to: 5 }), pair.judge({ from: 9, to: 5 })], [
    "known",
    "stranger",
  ]);
});

Deno.test("Loss is measured over 100 messages, and what comes late or twice is no gain", () => {
  const meter = new LossMeter();
  for (let seq = 1; seq <= 99; seq++) meter.count(seq);
  equal(meter.loss, undefined);
  meter.count(100);
  equal(meter.loss, 0);
  meter.count(200);
  equal(meter.loss, 0.99);
  for (let twice = 0; twice < 2; twice++) for (let seq = 101; seq <= 199; seq++) meter.count(seq);
  meter.count(300);
  equal(meter.loss, 0);
});

Deno.test("A credential is renewed after 85 % of its life, in 10 s at the earliest", () => {
  equal(renewAt(1_600, 1_000, 5), 5 + 510_000);
  for (const expiresAt of [1_005, 900]) equal(renewAt(expiresAt, 1_000, 5), 10_005);
});
