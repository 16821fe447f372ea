import type { Ip, PeerAddress, TransportAddress } from "../address.ts";
import type { Allocation, Route } from "./allocation.ts";
import type { PeerGate, Verdict } from "./peer_gate.ts";
import { type Refusal, refuse, refuseBeyond } from "./request.ts";

/** RFC 8656 §10.2 and §12.2: a peer of a family that is relayed, and that the gate lets through. */
export function routeTo(
  peer: TransportAddress,
  verdict: Verdict,
  allocation: Allocation,
  gate: PeerGate,
): Route | Refusal {
  if (!allocation.relayFor(peer.ip)) {
    return refuse(443, "the peer is of a family that the allocation has no address of");
  }
  if (verdict === "denied") {
    return { ...refuse(403, "the peer's address is not relayed to"), peer };
  }
  return routeBy(verdict, peer.ip, gate);
}

/** How an address that is not denied is reached. */
export function routeBy(verdict: Verdict, ip: Ip, gate: PeerGate): Route {
  return { direct: verdict === "direct", own: gate.isOwn(ip) };
}

/**
 * Whether the peers may be permitted beside those that are: within the number for one allocation,
 * and the rate of new ones. Takes from that rate where they may. What has ended was pruned before.
 */
export function refuseExcess(
  peers: Iterable<Ip>,
  allocation: Allocation,
  permissionsPerAllocation: number,
  now: number,
): Refusal | undefined {
  let added = 0;
  for (const ip of peers) if (!allocation.permissions.has(ip)) added++;
  if (allocation.permissions.size + added > permissionsPerAllocation) {
    return refuseBeyond(
      "permissionsPerAllocation",
      508,
      `an allocation has at most ${permissionsPerAllocation} permissions`,
    );
  }
  if (added > 0 && !allocation.newPeers.take(added, now)) {
    return refuseBeyond(
      "newPeersPerSecond",
      508,
      "too many new peers at once: try again in a second",
    );
  }
  return undefined;
}

/** An address in the role of a peer: one that an attribute named as such, or a relay that sends. */
export function asPeer(address: TransportAddress): PeerAddress {
  return address as PeerAddress;
}
