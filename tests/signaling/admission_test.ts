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

Deno.test("from where a flood came nobody may come for five seconds; from elsewhere they may", () => {
  const admission = new Admission(LIMITS);
  admission.punish("192.0.2.1", 1_000);
  equal(admission.enter("192.0.2.1", 5_999), "flooding");
  equal(admission.enter("192.0.2.2", 5_999), "admitted");
  equal(admission.enter("192.0.2.1", 6_000), "admitted");
});
