/** NAT Port Mapping Protocol (RFC 6886 §3). */
import { showIpv4 } from "./ipv4.ts";
import type { Port } from "./lease.ts";
import type { MapAnswer } from "./pcp.ts";

const VERSION = 0;
const RESPONSE = 0x80;
const EXTERNAL_ADDRESS = 0;
const MAP_UDP = 1;
const MAP_TCP = 2;

/** Result codes, RFC 6886 §3.5. */
const RESULTS = [
  "success",
  "it speaks another version",
  "it does not allow it",
  "it has no connection itself",
  "it has no room for more",
  "it does not know the request",
];

export type AddressAnswer =
  | { readonly kind: "address"; readonly ip: string }
  | { readonly kind: "refused"; readonly why: string };

export function encodeAddressRequest(): Uint8Array<ArrayBuffer> {
  return new Uint8Array([VERSION, EXTERNAL_ADDRESS]);
}

/** Undefined for what is no answer to this request; so below. */
export function decodeAddress(bytes: Uint8Array): AddressAnswer | undefined {
  const read = readResult(bytes, EXTERNAL_ADDRESS);
  if (read === undefined || read.kind === "refused") return read;
  return bytes.length < 12 ? undefined : { kind: "address", ip: showIpv4(read.view.getUint32(8)) };
}

/** A lifetime of 0 removes the mapping; the external port is 0 then (RFC 6886 §3.4). */
export function encodeNatPmpMap(
  { transport, port }: Port,
  lifetimeSeconds: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  bytes[1] = opcode(transport);
  view.setUint16(4, port);
  view.setUint16(6, lifetimeSeconds === 0 ? 0 : port);
  view.setUint32(8, lifetimeSeconds);
  return bytes;
}

export function decodeNatPmpMap(
  bytes: Uint8Array,
  { transport, port }: Port,
): MapAnswer | undefined {
  const read = readResult(bytes, opcode(transport));
  if (read === undefined || read.kind === "refused") return read;
  if (bytes.length < 16 || read.view.getUint16(8) !== port) return undefined;
  return {
    kind: "mapped",
    externalPort: read.view.getUint16(10),
    lifetimeSeconds: read.view.getUint32(12),
  };
}

type Result =
  | { readonly kind: "success"; readonly view: DataView }
  | { readonly kind: "refused"; readonly why: string };

function readResult(bytes: Uint8Array, op: number): Result | undefined {
  if (bytes.length < 8 || bytes[0] !== VERSION || bytes[1] !== (RESPONSE | op)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const result = view.getUint16(2);
  if (result === 0) return { kind: "success", view };
  return { kind: "refused", why: RESULTS[result] ?? `its code is ${result}` };
}

function opcode(transport: Port["transport"]): number {
  return transport === "udp" ? MAP_UDP : MAP_TCP;
}
