import { deepEqual } from "node:assert/strict";
import { routerAnswer } from "../../ops/mod.ts";

Deno.test("what the router forwards is said, with what it does not and what addresses will not do", () => {
  deepEqual(
    routerAnswer({
      kind: "forwarded",
      protocol: "UPnP",
      router: "192.168.1.1",
      externalIp: "100.64.0.7",
      mapped: [{ transport: "udp", port: 3478 }, { transport: "tcp", port: 3478 }],
      missing: [{ transport: "tcp", port: 8080, why: "the port is taken" }],
    }, [{ message: "Players outside cannot reach 192.168.1.5." }]),
    [
      "  Router   192.168.1.1 forwards 3478/udp, 3478/tcp from 100.64.0.7 to this machine (UPnP)",
      "           but not 8080/tcp: the port is taken",
      "  WARNING  Players outside cannot reach 192.168.1.5.",
    ],
  );
});

Deno.test("a router that does not, or that is not there, leaves something to do by hand", () => {
  deepEqual(routerAnswer({ kind: "not-forwarded", whys: [] }, []), [
    "  Router   forwards nothing (no router answered to PCP, NAT-PMP or UPnP): " +
    "forward the ports by hand, or turn on UPnP in it",
  ]);
  deepEqual(
    routerAnswer({ kind: "not-forwarded", whys: ["10.0.0.1 (UPnP): it does not allow it"] }, []),
    [
      "  Router   forwards nothing (10.0.0.1 (UPnP): it does not allow it): " +
      "forward the ports by hand, or turn on UPnP in it",
    ],
  );
});
