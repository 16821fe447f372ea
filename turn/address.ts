/**
 * IP and transport addresses as numbers and short strings that are `Map` keys as they stand, so the
 * relay looks a flow up in one step and never builds text for an IPv4 address.
 */

export type Family = 4 | 6;

declare const ip4: unique symbol;
declare const ip6: unique symbol;

/** An IPv4 address: its 32 bits, big-endian, as an unsigned number. */
export type Ip4 = number & { readonly [ip4]: true };
/** An IPv6 address: its 16 bytes as a string of 16 characters below U+0100. */
export type Ip6 = string & { readonly [ip6]: true };
export type Ip = Ip4 | Ip6;

/** Unique for each address and port: a safe integer for IPv4, a string of 18 characters for IPv6. */
export type AddressKey = number | string;

export interface TransportAddress {
  readonly ip: Ip;
  /** 0–65535 */
  readonly port: number;
  readonly key: AddressKey;
}

declare const role: unique symbol;

/** Where a client's messages come from: the client's half of a five-tuple (RFC 8656 §3). */
export type ClientAddress = TransportAddress & { readonly [role]: "client" };
/** Where relayed data goes to or comes from (RFC 8656 §2). Nothing is sent before the gate allows it. */
export type PeerAddress = TransportAddress & { readonly [role]: "peer" };
/** An address that this server relays from, as peers see it (RFC 8656 §2.1). */
export type RelayedAddress = TransportAddress & { readonly [role]: "relayed" };
/** An address that this server listens on. */
export type ServerAddress = TransportAddress & { readonly [role]: "server" };

/** An address in the role that the caller knows it to have. */
export function address<Role extends TransportAddress>(ip: Ip, port: number): Role {
  const key = typeof ip === "number"
    ? ip * 0x1_0000 + port
    : ip + String.fromCharCode(port >> 8, port & 0xff);
  return { ip, port, key } as Role;
}

export function familyOf(ip: Ip): Family {
  return typeof ip === "number" ? 4 : 6;
}

/** Reads 4 or 16 bytes at `offset`; the caller has checked the length. */
export function readIp(family: Family, bytes: Uint8Array, offset: number): Ip {
  if (family === 4) {
    return new DataView(bytes.buffer, bytes.byteOffset + offset, 4).getUint32(0) as Ip4;
  }
  return String.fromCharCode(...bytes.subarray(offset, offset + 16)) as Ip6;
}

/** Writes 4 or 16 bytes at `offset`. */
export function writeIp(ip: Ip, bytes: Uint8Array, offset: number): void {
  if (typeof ip === "number") {
    new DataView(bytes.buffer, bytes.byteOffset + offset, 4).setUint32(0, ip);
    return;
  }
  for (let i = 0; i < 16; i++) bytes[offset + i] = ip.charCodeAt(i);
}

/** Reads an address as people and the runtime write it; a zone id (`%eth0`) is dropped. */
export function parseIp(text: string): Ip | undefined {
  return text.includes(":") ? parseIp6(text) : parseIp4(text);
}

function parseIp4(text: string): Ip4 | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value as Ip4;
}

function parseIp6(text: string): Ip6 | undefined {
  const [withoutZone = ""] = text.split("%");
  const halves = withoutZone.split("::");
  if (halves.length > 2) return undefined;
  const groups: number[][] = [];
  for (const half of halves) {
    const parsed = parseGroups(half);
    if (!parsed) return undefined;
    groups.push(parsed);
  }
  const [head = [], tail = []] = groups;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return String.fromCharCode(...all.flatMap((group) => [group >> 8, group & 0xff])) as Ip6;
}

/** The 16-bit groups of one side of `::`, with a dotted IPv4 address allowed at the end. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (part.includes(".") && index === parts.length - 1) {
      const embedded = parseIp4(part);
      if (embedded === undefined) return undefined;
      groups.push(embedded >>> 16, embedded & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

/** Writes an address as RFC 5952 wants it. */
export function formatIp(ip: Ip): string {
  if (typeof ip === "number") {
    return `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`;
  }
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((ip.charCodeAt(2 * i) << 8) | ip.charCodeAt(2 * i + 1)).toString(16),
  );
  const text = groups.join(":");
  const zeros = text.match(/\b0(?::0)+\b/g)?.reduce((a, b) => (b.length > a.length ? b : a));
  if (!zeros) return text;
  const at = `:${text}:`.indexOf(`:${zeros}:`);
  return `${text.slice(0, Math.max(at - 1, 0))}::${text.slice(at + zeros.length + 1)}`;
}

/** Reads `192.0.2.1:99` or `[2001:db8::1]:99`, as `formatAddress` writes them. */
export function parseAddress<Role extends TransportAddress>(text: string): Role | undefined {
  const [, ip6, ip4, port] = /^(?:\[([0-9a-f:.]+)\]|([\d.]+)):(\d{1,5})$/i.exec(text) ?? [];
  const ip = ip6 === undefined ? parseIp4(ip4 ?? "") : parseIp6(ip6);
  return ip === undefined || Number(port) > 0xffff ? undefined : address<Role>(ip, Number(port));
}

export function formatAddress({ ip, port }: TransportAddress): string {
  return typeof ip === "number" ? `${formatIp(ip)}:${port}` : `[${formatIp(ip)}]:${port}`;
}
