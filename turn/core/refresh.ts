import { Attribute, WIRE_FAMILY } from "../stun/mod.ts";
import { lifetime } from "./lifetime.ts";
import {
  allocationOf,
  type Engine,
  type Outcome,
  refuse,
  refuseUnreadable,
  type Request,
} from "./request.ts";

/** Refresh, RFC 8656 §8.2. */
export function refresh(request: Request, engine: Engine): Outcome {
  const { by, message: { attributes }, now, unixSeconds } = request;
  const allocation = allocationOf(request, engine.allocations);
  if ("code" in allocation) return allocation;
  const unreadable = refuseUnreadable(request);
  if (unreadable) return unreadable;

  const family = attributes.requestedAddressFamily;
  const named = allocation.relays.filter((relay) => WIRE_FAMILY[relay.family] === family);
  if (family !== undefined && named.length === 0) {
    return refuse(443, "the allocation has no relayed address of that family");
  }

  if (attributes.lifetime === 0) {
    const [relay] = named;
    // Of two relayed addresses, a client may give up the one that it names.
    if (relay && allocation.relays.length > 1) engine.allocations.closeRelay(allocation, relay);
    else engine.allocations.release(allocation, "refreshed-to-zero");
    return { kind: "done", once: true, write: (answer) => answer.uint32(Attribute.LIFETIME, 0) };
  }

  const wanted = lifetime(attributes.lifetime, engine.limits.maxLifetimeSeconds);
  const granted = engine.allocations.extend(allocation, wanted, by, now, unixSeconds);
  return {
    kind: "done",
    once: false,
    write: (answer) => answer.uint32(Attribute.LIFETIME, granted),
  };
}
