import { equal } from "node:assert/strict";
import { Admission } from "../../signaling/core/admission.ts";
import { LIMITS } from "./server.ts";

Deno.test("each bound admits its last connection, and a place left is free", () => {
  const admission = new Admission({ ...LIMITS, connections: 3, connectionsPerAddress: 2 });
  equal(admission.enter("a", 0), "admitted");
  equal(admission.enter("a", 0), "admitted");
  equal(admission.enter("a", 0), "too-many-connections");
  equal(admission.enter("b", 0), "admitted");
  equal(admission.enter("c", 0), "server-full");
  admission.leave("a");
  equal(admission.enter("c", 0), "admitted");
  equal(admission.connections, 3);
});

Deno.test("where a flood came from waits until it owes nothing; elsewhere nobody does", () => {
  const admission = new Admission({ ...LIMITS, messagesPerSecond: 50, messageBurst: 200 });
  admission.punish("192.0.2.1", 1_000);
  equal(admission.penalty("192.0.2.1", 1_000), 4_000);
  equal(admission.penalty("192.0.2.1", 4_999), 1);
  equal(admission.penalty("192.0.2.1", 5_000), 0);
  equal(admission.penalty("192.0.2.2", 1_000), 0);
});

Deno.test("nobody waits longer than five seconds", () => {
  const admission = new Admission({ ...LIMITS, messagesPerSecond: 1, messageBurst: 200 });
  admission.punish("192.0.2.1", 1_000);
  equal(admission.penalty("192.0.2.1", 1_000), 5_000);
});

Deno.test("those who wait have their places; whoever finds none is told of the flood", () => {
  const admission = new Admission({ ...LIMITS, connectionsPerAddress: 1 });
  admission.punish("192.0.2.1", 0);
  equal(admission.enter("192.0.2.1", 0), "admitted");
  equal(admission.enter("192.0.2.1", 0), "flooding");
  equal(admission.enter("192.0.2.1", 5_000), "too-many-connections");
});
