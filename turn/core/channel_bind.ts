import { FIRST_CHANNEL, LAST_CHANNEL, LAST_OLD_CHANNEL } from "../stun/mod.ts";
import { asPeer, refuseExcess, routeTo } from "./peer_checks.ts";
import {
  allocationOf,
  type Engine,
  type Outcome,
  refuse,
  refuseBeyond,
  refuseUnreadable,
  type Request,
} from "./request.ts";

/** ChannelBind, RFC 8656 §12.2. */
export function channelBind(request: Request, engine: Engine): Outcome {
  const { message: { attributes }, now } = request;
  const allocation = allocationOf(request, engine.allocations);
  if ("code" in allocation) return allocation;
  const unreadable = refuseUnreadable(request);
  if (unreadable) return unreadable;

  const number = attributes.channelNumber;
  const [first] = attributes.peerAddresses;
  if (number === undefined) return refuse(400, "CHANNEL-NUMBER is missing");
  if (!first) return refuse(400, "XOR-PEER-ADDRESS is missing");
  const peer = asPeer(first);
  // Static users are there for old clients; players' credentials never last for ever.
  const isOldClient = engine.oldChannels && request.by.expiresAt === Infinity;
  if (number < FIRST_CHANNEL || number > (isOldClient ? LAST_OLD_CHANNEL : LAST_CHANNEL)) {
    return refuse(400, "a channel number is in 0x4000-0x4FFF");
  }

  allocation.prune(now);
  const channel = allocation.channelNumbered(number, now);
  if (channel && channel.peer.key !== peer.key) {
    return refuse(400, "the channel is bound to another peer");
  }
  const other = allocation.channelTo(peer, now);
  if (other && other.number !== number) {
    return refuse(400, "the peer is bound to another channel");
  }

  const route = routeTo(peer, engine.gate.judgeAddress(peer), allocation, engine.gate);
  if ("code" in route) return route;
  const { channelsPerAllocation, permissionsPerAllocation } = engine.limits;
  if (!channel && allocation.channelsByNumber.size >= channelsPerAllocation) {
    return refuseBeyond(
      "channelsPerAllocation",
      508,
      `an allocation has at most ${channelsPerAllocation} channels`,
    );
  }
  const excess = refuseExcess([peer.ip], allocation, permissionsPerAllocation, now);
  if (excess) return excess;

  allocation.bind(number, peer, route, now);
  allocation.permit(peer.ip, route, now);
  engine.allocations.reschedule(allocation);
  return { kind: "done", once: false };
}
