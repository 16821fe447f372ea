import { type Family, familyOf } from "../address.ts";
import { Attribute, type Attributes, type MessageWriter, WIRE_FAMILY } from "../stun/mod.ts";
import type { Relay } from "./api.ts";
import { lifetime } from "./lifetime.ts";
import {
  type Engine,
  type Outcome,
  REASONS,
  type Refusal,
  refuse,
  refuseUnknown,
  refuseUnreadable,
  type Request,
} from "./request.ts";

const UDP = 17;
const TOKEN_LENGTH = 8;

/** Allocate, RFC 8656 §7.2: its checks in its order. Authentication was the first. */
export function allocate(request: Request, engine: Engine): Outcome {
  const { flow, message, by, now } = request;
  const { attributes } = message;

  // 2. The five-tuple is free. (A retransmission was answered before.)
  if (engine.allocations.find(flow, now)) return refuse(437, "there is an allocation already");
  const unreadable = refuseUnreadable(request);
  if (unreadable) return unreadable;

  // 3. REQUESTED-TRANSPORT is there, and is UDP.
  if (attributes.requestedTransport === undefined) {
    return refuse(400, "REQUESTED-TRANSPORT is missing");
  }
  if (attributes.requestedTransport !== UDP) return refuse(442, "only UDP is relayed");

  // 4. DONT-FRAGMENT: the runtime cannot set the DF bit, so the attribute counts as unknown.
  if (attributes.dontFragment) {
    return refuseUnknown([Attribute.DONT_FRAGMENT], "DONT-FRAGMENT cannot be honoured here");
  }

  // 5–9. What is asked for makes sense, and is to be had.
  const plan = planOf(request, engine);
  if ("code" in plan) return plan;

  // RFC 8489 §18.4: 403, an administrative restriction. Of the same kind as a quota, and before it.
  if (engine.bans.has(flow.client.ip, request.unixSeconds)) {
    return refuse(403, "the client's address is banned");
  }

  // 10. Quotas. A port that EVEN-PORT reserves counts as what it will be.
  if (engine.isDraining) return refuseNewcomer(request, engine);
  const overQuota = plan.kind === "reserved"
    ? engine.allocations.refusal(flow, by, 1, plan.token)
    : engine.allocations.refusal(flow, by, plan.reserveNext ? 2 : 1);
  if (overQuota) return overQuota;

  const opened = open(plan, engine);
  if (!opened) return refuse(508, "no relay port is free");

  if (plan.kind === "reserved") engine.allocations.claim(plan.token);
  const wanted = lifetime(attributes.lifetime, engine.limits.maxLifetimeSeconds);
  const granted = engine.allocations.add(flow, opened.relays, wanted, by, now, request.unixSeconds);
  const token = opened.reserved && newToken(engine);
  if (opened.reserved && token) {
    engine.allocations.reserve(token.toHex(), opened.reserved, flow, by, now);
  }

  return {
    kind: "done",
    once: true,
    write(answer: MessageWriter) {
      for (const relay of opened.relays) {
        answer.xorAddress(Attribute.XOR_RELAYED_ADDRESS, relay.address);
      }
      answer.uint32(Attribute.LIFETIME, granted);
      if (token) answer.bytes(Attribute.RESERVATION_TOKEN, token);
      if (opened.failed) {
        const { family, code } = opened.failed;
        answer.addressErrorCode(WIRE_FAMILY[family], code, REASONS[code]);
      }
      answer.xorAddress(Attribute.XOR_MAPPED_ADDRESS, flow.client);
    },
  };
}

/** RFC 8656 §7.2 step 11, RFC 8489 §10: to another server, which must be of the client's family. */
function refuseNewcomer({ flow }: Request, { alternateServer }: Engine): Refusal {
  const why = "the server is going down for maintenance";
  if (!alternateServer || familyOf(alternateServer.ip) !== familyOf(flow.client.ip)) {
    return refuse(486, why);
  }
  const write = (answer: MessageWriter) =>
    answer.address(Attribute.ALTERNATE_SERVER, alternateServer);
  return { kind: "refused", code: 300, why, write };
}

type Plan =
  | { readonly kind: "reserved"; readonly token: string; readonly relay: Relay }
  | {
    readonly kind: "new";
    readonly family: Family;
    readonly evenPort: boolean;
    readonly reserveNext: boolean;
    readonly additional: Family | undefined;
  };

function planOf({ message, by, now }: Request, engine: Engine): Plan | Refusal {
  const { attributes } = message;
  const { reservationToken, evenPort, requestedAddressFamily, additionalAddressFamily } =
    attributes;

  // 5. RESERVATION-TOKEN goes with nothing that says what to allocate.
  if (reservationToken) {
    const other = firstSaid(attributes);
    if (other) return refuse(400, `RESERVATION-TOKEN and ${other} exclude each other`);
    const token = reservationToken.toHex();
    const relay = engine.allocations.reserved(token, by.user, now);
    return relay ? { kind: "reserved", token, relay } : refuse(508, "the token is not valid");
  }

  // 6. Either one family, or IPv4 and another.
  if (requestedAddressFamily !== undefined && additionalAddressFamily !== undefined) {
    return refuse(400, "REQUESTED- and ADDITIONAL-ADDRESS-FAMILY exclude each other");
  }

  // 7. A family that the server has; IPv4 where none is named.
  const family = familyOnWire(requestedAddressFamily ?? WIRE_FAMILY[4]);
  if (!family) return refuse(440, "there is no such address family");
  if (!engine.relays.supports(family)) return refuse(440, `IPv${family} is not relayed`);

  // 8. A pair of ports is of one family.
  if (evenPort === true && additionalAddressFamily !== undefined) {
    return refuse(400, "EVEN-PORT with its R bit and ADDITIONAL-ADDRESS-FAMILY exclude each other");
  }

  // 9. The additional family is IPv6, since the first is IPv4.
  if (additionalAddressFamily !== undefined && additionalAddressFamily !== WIRE_FAMILY[6]) {
    return refuse(400, "ADDITIONAL-ADDRESS-FAMILY must be IPv6");
  }
  return {
    kind: "new",
    family,
    evenPort: evenPort !== undefined,
    reserveNext: evenPort === true,
    additional: additionalAddressFamily === undefined ? undefined : 6,
  };
}

interface Opened {
  readonly relays: readonly Relay[];
  readonly reserved?: Relay;
  /** The family that was asked for in addition and is not there. */
  readonly failed?: { readonly family: Family; readonly code: 440 | 508 };
}

function open(plan: Plan, { relays }: Engine): Opened | undefined {
  if (plan.kind === "reserved") return { relays: [plan.relay] };
  const { family, evenPort, reserveNext, additional } = plan;
  if (reserveNext) {
    const pair = relays.openPair(family);
    return pair && { relays: [pair[0]], reserved: pair[1] };
  }
  const first = evenPort ? relays.openEven(family) : relays.open(family);
  if (additional === undefined) return first && { relays: [first] };
  const second = relays.supports(additional) ? relays.open(additional) : undefined;
  if (first && second) return { relays: [first, second] };
  // RFC 8656 §7.2: one of two is a success that says what is missing.
  if (first) {
    const code = relays.supports(additional) ? 508 : 440;
    return { relays: [first], failed: { family: additional, code } };
  }
  return second && { relays: [second], failed: { family, code: 508 } };
}

function firstSaid(attributes: Attributes): string | undefined {
  if (attributes.evenPort !== undefined) return "EVEN-PORT";
  if (attributes.requestedAddressFamily !== undefined) return "REQUESTED-ADDRESS-FAMILY";
  if (attributes.additionalAddressFamily !== undefined) return "ADDITIONAL-ADDRESS-FAMILY";
  return undefined;
}

function familyOnWire(number: number): Family | undefined {
  if (number === WIRE_FAMILY[4]) return 4;
  return number === WIRE_FAMILY[6] ? 6 : undefined;
}

function newToken({ random }: Engine): Uint8Array {
  const token = new Uint8Array(TOKEN_LENGTH);
  random(token);
  return token;
}
