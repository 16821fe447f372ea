import { type Ip, parseIp } from "../address.ts";

/** A range of addresses of one family: those that share the first `bits` with `ip`. */
export interface Cidr {
  readonly ip: Ip;
  readonly bits: number;
}

/** Reads `192.0.2.0/24` or `2001:db8::/32`; one address alone is a range of one. */
export function parseCidr(text: string): Cidr | undefined {
  const [addressPart = "", bitsPart, ...more] = text.trim().split("/");
  const ip = parseIp(addressPart);
  if (ip === undefined || more.length > 0) return undefined;
  const width = typeof ip === "number" ? 32 : 128;
  if (bitsPart === undefined) return { ip, bits: width };
  if (!/^\d{1,3}$/.test(bitsPart) || Number(bitsPart) > width) return undefined;
  return { ip, bits: Number(bitsPart) };
}

/** Reads a range that was checked before: one that cannot be read is a bug, and throws. */
export function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed) throw new Error(`Cannot read the address range "${text}"`);
  return parsed;
}

export function contains({ ip: range, bits }: Cidr, ip: Ip): boolean {
  if (typeof range === "number" || typeof ip === "number") {
    if (typeof range !== typeof ip) return false;
    const shared = 2 ** (32 - bits);
    return Math.floor(Number(range) / shared) === Math.floor(Number(ip) / shared);
  }
  const whole = bits >> 3;
  if (range.slice(0, whole) !== ip.slice(0, whole)) return false;
  const rest = 8 - (bits & 7);
  return rest === 8 || range.charCodeAt(whole) >> rest === ip.charCodeAt(whole) >> rest;
}
