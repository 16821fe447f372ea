import { isIP, isIPv4, isIPv6 } from "node:net";
import { Secret } from "./secret.ts";

/** A value as its source gives it; only a file can give a list. */
export type Raw = string | readonly string[];

/** A sort of value: how it is read, shown, and explained to a person. */
export interface Kind<T> {
  /** What would be right, as the end of "give …". */
  readonly right: string;
  /** The value, or undefined where it is none of this kind. */
  parse(raw: Raw): T | undefined;
  /** What `parse` would read back; a secret is masked. */
  show(value: T): string;
  /** Whether neither the value nor what was mistaken for it may be shown. */
  readonly secret: boolean;
  /** Whether an empty variable says something; otherwise it is as good as none. */
  readonly takesEmpty?: true;
}

interface Single<T> extends Kind<T> {
  parseOne(text: string): T | undefined;
}

function single<T>(
  right: string,
  parseOne: (text: string) => T | undefined,
  show: (value: T) => string = String,
): Single<T> {
  return {
    right,
    parseOne,
    parse: (raw) => typeof raw === "string" ? parseOne(raw.trim()) : undefined,
    show,
    secret: false,
  };
}

/** Comma-separated where it comes as one text; an empty text is an empty list. */
export function list<T>(item: Single<T>, right: string): Kind<readonly T[]> {
  return {
    right,
    parse(raw) {
      const texts = typeof raw === "string" ? raw.split(",").filter((text) => text.trim()) : raw;
      const values = texts.map((text) => item.parseOne(text.trim()));
      return values.some((value) => value === undefined) ? undefined : values as T[];
    },
    show: (values) => values.map(item.show).join(","),
    secret: item.secret,
  };
}

/** Narrows a list further, for instance to one that is not empty. */
export function such<T>(kind: Kind<T>, holds: (value: T) => boolean): Kind<T> {
  return {
    ...kind,
    parse(raw) {
      const value = kind.parse(raw);
      return value !== undefined && holds(value) ? value : undefined;
    },
  };
}

export function oneOf<const T extends string>(...words: readonly T[]): Kind<T> {
  const right = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  return single(right, (text) => words.find((word) => word === text));
}

function wholeNumber(text: string): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}

function within(text: string, least: number, most: number): number | undefined {
  const value = wholeNumber(text);
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

/** 0 takes any free port. */
export const port = single(
  "a port from 0 to 65535 (0 takes any free one)",
  (text) => within(text, 0, 65_535),
);

export const count = single(
  "a whole number from 1 to 1000000000",
  (text) => within(text, 1, 1e9),
);

export const bytes = single("a number of bytes, such as 65536, 64KiB or 1MiB", (text) => {
  const [, digits = "", unit = ""] = text.match(/^(\d+)(KiB|MiB)?$/) ?? [];
  const value = Number(digits) * (unit === "MiB" ? 2 ** 20 : unit === "KiB" ? 2 ** 10 : 1);
  return value >= 1 && value <= 2 ** 30 ? value : undefined;
});

const SECONDS = new Map([["", 1], ["s", 1], ["m", 60], ["h", 3_600], ["d", 86_400]]);
const YEAR = 365 * 86_400;

/** Seconds. */
export const duration = single("a time such as 30s, 15m or 12h, at most 365d", (text) => {
  const [, digits = "", unit = ""] = text.match(/^(\d+)([smhd]?)$/) ?? [];
  const value = Number(digits) * (SECONDS.get(unit) ?? 0);
  return digits !== "" && value <= YEAR ? value : undefined;
}, showDuration);

function showDuration(seconds: number): string {
  for (const [unit, size] of [["h", 3_600], ["m", 60]] as const) {
    if (seconds > 0 && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}

export const ip = single("an IP address", (text) => isIP(text) ? text : undefined);

export const ips = such(
  list(ip, "IP addresses to listen on, separated by commas, such as 0.0.0.0,::"),
  (values) => values.length > 0,
);

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

export const host = single(
  "an IP address or a host name, without a port",
  // Digits and dots that are no address are a mistyped address, not a name.
  (text) => isIP(text) || HOST_NAME.test(text) && !/^[\d.]+$/.test(text) ? text : undefined,
);

export const ipAndPort = single(
  "an IP address and its port, such as 203.0.113.7:3478 or [2001:db8::7]:3478",
  (text) => {
    const [, inBrackets, ip = "", digits = ""] = text.match(/^(?:\[(.+)\]|([^:]+)):(\d+)$/) ?? [];
    const isAddress = inBrackets === undefined
      ? isIPv4(ip)
      : isIPv6(inBrackets) && !text.includes("%");
    return isAddress && within(digits, 1, 65_535) !== undefined ? text : undefined;
  },
);

/** The addresses players reach us by: at most one for each family, or found by itself. */
export const externalIps: Kind<"auto" | readonly string[]> = {
  right: "auto, or one IP address for each family, such as 203.0.113.7,2001:db8::7",
  parse(raw) {
    if (raw === "auto") return "auto";
    const values = ips.parse(raw);
    const families = values?.map(isIP);
    return new Set(families).size === families?.length ? values : undefined;
  },
  show: (value) => value === "auto" ? value : ips.show(value as readonly string[]),
  secret: false,
};

export const router = single(
  "auto, off, or the router's IPv4 address",
  (text) => text === "auto" || text === "off" || isIPv4(text) ? text : undefined,
);

/** A bare address stands for itself alone. */
export const cidrs = list(
  single("", (text) => {
    const [address = "", prefix, ...rest] = text.split("/");
    // A zone (`fe80::1%eth0`) means nothing in a range.
    if (!isIP(address) || address.includes("%") || rest.length > 0) return undefined;
    const whole = isIPv4(address) ? 32 : 128;
    const length = prefix === undefined ? whole : within(prefix, 0, whole);
    return length === undefined ? undefined : `${address}/${length}`;
  }),
  "address ranges, separated by commas, such as 192.168.0.0/16,fd00::/8",
);

/** Inclusive. Below 1024 other services live (RFC 8656 §7.2). */
export const portRange = single(
  "a range of ports such as 49152-65535, from 1024 up",
  (text) => {
    const [first, last, ...rest] = text.split("-").map((part) => within(part.trim(), 1024, 65_535));
    if (first === undefined || last === undefined || rest.length > 0) return undefined;
    return first <= last ? { first, last } : undefined;
  },
  ({ first, last }) => `${first}-${last}`,
);

/** It travels in a STUN attribute of fewer than 128 characters (RFC 8489 §14.9). */
export const realm = single(
  'a name of 1 to 127 characters without "',
  (text) => /^[^"\p{Cc}]{1,127}$/u.test(text) ? text : undefined,
);

export const origins = list(
  single("", (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url && /^https?:$/.test(url.protocol) && url.origin === text.toLowerCase()
      ? url.origin
      : undefined;
  }),
  "web origins, separated by commas, such as https://game.example:8443, without a path",
);

/** Where a door for clients of another server is; "" where it is closed. */
export const doorPath: Kind<string> = {
  ...single(
    "a path such as /peerjs, of letters, digits and . _ ~ -, or nothing to close the door",
    (text) => /^$|^\/$|^(\/[A-Za-z0-9._~-]+)+\/?$/.test(text) ? text : undefined,
  ),
  takesEmpty: true,
};

export const path = single(
  "the path of a folder, without a comma",
  (text) => /^[^,\p{Cc}]+$/u.test(text) ? text : undefined,
);

export const filePath = { ...path, right: "the path of a file, without a comma" };
export interface HostPort {
  readonly hostname: string;
  readonly port: number;
}

/** 3478 where no port is given (RFC 8489 §18.6). */
export const stunServers = list(
  single<HostPort>("", (text) => {
    const [, name = "", digits = "3478"] = text.match(/^(.*?)(?::(\d+))?$/) ?? [];
    const [hostname, port] = [host.parseOne(name), within(digits, 1, 65_535)];
    return hostname === undefined || port === undefined ? undefined : { hostname, port };
  }, ({ hostname, port }) => `${hostname}:${port}`),
  "STUN servers, separated by commas, such as stun.example:3478",
);

const secret: Single<Secret> = {
  ...single("", (text) => text === "" ? undefined : new Secret(text), String),
  secret: true,
};

export const secrets = list(secret, "secrets, separated by commas, the one that signs first");

export interface NamedPassword {
  readonly name: string;
  readonly password: Secret;
}

/** A USERNAME is at most 509 bytes (RFC 8489 §14.3). */
const namedPassword: Single<NamedPassword> = {
  ...single("", (text) => {
    const [, name = "", password = ""] = text.match(/^([^:]+):(.+)$/s) ?? [];
    if (name === "" || new TextEncoder().encode(name).length > 509) return undefined;
    return { name, password: new Secret(password) };
  }, ({ name, password }) => `${name}:${password}`),
  secret: true,
};

export const namedPasswords = such(
  list(namedPassword, "name:password pairs, separated by commas, each name once"),
  (users) => new Set(users.map(({ name }) => name)).size === users.length,
);
