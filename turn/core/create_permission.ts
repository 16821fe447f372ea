import type { Ip } from "../address.ts";
import type { Route } from "./allocation.ts";
import { refuseExcess, routeTo } from "./peer_checks.ts";
import {
  allocationOf,
  type Engine,
  type Outcome,
  refuse,
  refuseUnreadable,
  type Request,
} from "./request.ts";

/** CreatePermission, RFC 8656 §10.2: all of its peers, or none. */
export function createPermission(request: Request, engine: Engine): Outcome {
  const { message: { attributes }, now } = request;
  const allocation = allocationOf(request, engine.allocations);
  if ("code" in allocation) return allocation;
  const unreadable = refuseUnreadable(request);
  if (unreadable) return unreadable;
  if (attributes.peerAddresses.length === 0) return refuse(400, "XOR-PEER-ADDRESS is missing");

  const routes = new Map<Ip, Route>();
  for (const peer of attributes.peerAddresses) {
    const route = routeTo(peer, engine.gate.judge(peer.ip), allocation, engine.gate);
    if ("code" in route) return route;
    routes.set(peer.ip, route);
  }
  allocation.prune(now);
  const { permissionsPerAllocation } = engine.limits;
  const excess = refuseExcess(routes.keys(), allocation, permissionsPerAllocation, now);
  if (excess) return excess;

  for (const [ip, route] of routes) allocation.permit(ip, route, now);
  engine.allocations.reschedule(allocation);
  return { kind: "done", once: false };
}
