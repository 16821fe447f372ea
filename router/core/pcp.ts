/** Port Control Protocol, the MAP opcode alone (RFC 6887 §7, §11). */
import { bytesOfIpv4, showIpv4 } from "./ipv4.ts";
import type { Port } from "./lease.ts";

const VERSION = 2;
const MAP = 1;
const RESPONSE = 0x80;
const HEADER_BYTES = 24;
const MAP_BYTES = 36;
const NONCE_BYTES = 12;

/** Result codes, RFC 6887 §7.4. */
const RESULTS = [
  "success",
  "it speaks another version",
  "it does not allow it",
  "it could not read the request",
  "it does not know the request",
  "it does not know an option",
  "it could not read an option",
  "it has no connection itself",
  "it has no room for more",
  "it does not map this protocol",
  "this machine has its share already",
  "the port is taken",
  "there is another router in between",
  "it limits peers",
];

export interface PcpRequest extends Port {
  /** This machine's address, as the router is to see it. */
  readonly local: number;
  /** 12 bytes, the same at each renewal: they show whose the mapping is (RFC 6887 §11.2). */
  readonly nonce: Uint8Array;
  /** 0 removes the mapping. */
  readonly lifetimeSeconds: number;
}

export type MapAnswer =
  | {
    readonly kind: "mapped";
    readonly externalPort: number;
    /** Where the protocol says it with each mapping. */
    readonly externalIp?: string;
    readonly lifetimeSeconds: number;
  }
  | { readonly kind: "refused"; readonly why: string };

export function encodePcpMap(request: PcpRequest): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + MAP_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = VERSION;
  bytes[1] = MAP;
  view.setUint32(4, request.lifetimeSeconds);
  writeMapped(bytes, 8, request.local);
  bytes.set(request.nonce.subarray(0, NONCE_BYTES), 24);
  bytes[36] = request.transport === "tcp" ? 6 : 17;
  view.setUint16(40, request.port);
  view.setUint16(42, request.port);
  // No address is suggested: the IPv4 form of "any" says which family is wanted (RFC 6887 §5).
  writeMapped(bytes, 44, 0);
  return bytes;
}

/** Undefined for what is no answer to this request. */
export function decodePcpMap(
  bytes: Uint8Array,
  { nonce, transport, port }: PcpRequest,
): MapAnswer | undefined {
  if (bytes.length < HEADER_BYTES) return decodeOther(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] !== VERSION) return decodeOther(bytes);
  if (bytes[1] !== (RESPONSE | MAP)) return undefined;
  const result = bytes[3] ?? 0;
  if (bytes.length < HEADER_BYTES + MAP_BYTES) {
    return result === 0 ? undefined : { kind: "refused", why: whyOf(result) };
  }
  if (nonce.some((byte, index) => byte !== bytes[24 + index])) return undefined;
  if (bytes[36] !== (transport === "tcp" ? 6 : 17) || view.getUint16(40) !== port) return undefined;
  if (result !== 0) return { kind: "refused", why: whyOf(result) };
  const isIpv4 = view.getUint32(44) === 0 && view.getUint32(48) === 0 &&
    view.getUint32(52) === 0xffff;
  return {
    kind: "mapped",
    externalPort: view.getUint16(42),
    ...isIpv4 && { externalIp: showIpv4(view.getUint32(56)) },
    lifetimeSeconds: view.getUint32(4),
  };
}

/** A router of NAT-PMP alone answers with its own version, 0 (RFC 6887 §9). */
function decodeOther(bytes: Uint8Array): MapAnswer | undefined {
  return bytes.length >= 4 && bytes[0] !== VERSION && ((bytes[1] ?? 0) & RESPONSE) !== 0
    ? { kind: "refused", why: whyOf(1) }
    : undefined;
}

function whyOf(result: number): string {
  return RESULTS[result] ?? `its code is ${result}`;
}

function writeMapped(bytes: Uint8Array, at: number, ip: number): void {
  bytes.set([0xff, 0xff, ...bytesOfIpv4(ip)], at + 10);
}
