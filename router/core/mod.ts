export { isAnnouncement } from "./announcement.ts";
export { isPrivate, parseIpv4 } from "./ipv4.ts";
export {
  type Asked,
  closingPatience,
  follow,
  type Grant,
  type Happening,
  type Lease,
  LIFETIME_SECONDS,
  type Port,
  type Protocol,
} from "./lease.ts";
export {
  decodeAddress,
  decodeNatPmpMap,
  encodeAddressRequest,
  encodeNatPmpMap,
} from "./nat_pmp.ts";
export { decodePcpMap, encodePcpMap, type MapAnswer, type PcpRequest } from "./pcp.ts";
export { type Interface, type Place, placesToAsk } from "./places.ts";
export { type Listeners, portsToForward } from "./ports.ts";
