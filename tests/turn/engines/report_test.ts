import { equal } from "node:assert/strict";
import { inWords, judge } from "./report.ts";

Deno.test("the report is fair to a server of RFC 5389, and to no answer that a client would refuse", () => {
  const granted = "success: XOR-RELAYED-ADDRESS LIFETIME=600 XOR-MAPPED-ADDRESS MI";
  const verdicts = [
    ["401: REALM NONCE PASSWORD-ALGORITHMS=00020000", "401: NONCE REALM", "right"],
    [granted, granted.replace("MI", "SOFTWARE MI"), "right"],
    ["channel 4000: 0102", "channel 4000: 0102 with padding", "right"],
    ["437: MI", "437:", "unsigned"],
    [granted, granted.replace("600", "0"), "wrong"],
    ["437: MI", "400:", "wrong"],
    ["channel 4000: 0102", "channel 4000: 0103", "wrong"],
    ["silence", "437:", "wrong"],
  ] as const;
  for (const [expected, said, verdict] of verdicts) {
    equal(judge(expected, said), verdict, `${expected} → ${said}`);
  }
});

Deno.test("the report says outcomes in words", () => {
  equal(inWords("success: LIFETIME=600 MI"), "granted, 600 s");
  equal(inWords("437: MI"), "refused, 437");
  equal(inWords("to 192.0.2.1:99: 01"), "relayed to the peer");
});
