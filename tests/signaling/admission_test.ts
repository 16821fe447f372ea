import { equal } from "node:assert/strict";
import { Admission } from "../../signaling/core/admission.ts";
import { LIMITS } from "./server.ts";

Deno.test("each bound admits its last connection, and a place left is free", () => {
  const admission = new Admission({ ...LIMITS, connections: 3, connectionsPerAddress: 2 });
  equal(admission.enter("a"), "admitted");
  equal(admission.enter("a"), "admitted");
  equal(admission.enter("a"), "too-many-connections");
  equal(admission.enter("b"), "admitted");
  equal(admission.enter("c"), "server-full");
  admission.leave("a");
  equal(admission.enter("c"), "admitted");
  equal(admission.connections, 3);
});
