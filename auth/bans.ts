import { BlockList, isIP } from "node:net";
import { isDeepStrictEqual } from "node:util";
import type { Actor, Store, Written } from "./store.ts";

/** A range of addresses that nobody may come from for a while. */
export interface Ban {
  /** CIDR. */
  readonly network: string;
  /** Unix milliseconds. */
  readonly until: number;
}

export type BanChange = Exclude<Written<Ban>, { kind: "nothing" }> | {
  readonly kind: "refused";
  readonly code: "bad-network" | "your-own" | "too-many-bans" | "no-such-ban";
  readonly message: string;
};

const MAX_BANS = 1_000;
/** A wider range bans whole countries, and most likely whoever bans. */
const LEAST_PREFIX = { 4: 8, 6: 16 } as const;

/** The banned networks. */
export class Bans {
  readonly #store: Store;
  #bans: readonly Ban[] = [];
  #blocked = new BlockList();
  /** When the first of them is over. */
  #until = Infinity;

  constructor(store: Store) {
    this.#store = store;
    this.reload();
  }

  /** Whether the client at this address is banned now. */
  has(address: string): boolean {
    if (this.#until <= this.#store.clock()) this.#use(this.list());
    return this.#bans.length > 0 && blocks(this.#blocked, address);
  }

  /** Those that hold. */
  list(): Ban[] {
    return this.#store
      .all("SELECT * FROM bans WHERE until > ? ORDER BY network", this.#store.clock())
      .map((row) => ({ network: String(row["network"]), until: Number(row["until"]) }));
  }

  /**
   * Bans a range, or gives its ban a new end, `seconds` from now; not one that holds `asker`, the
   * address of who asks.
   */
  add(range: string, seconds: number, by: Actor, asker?: string): BanChange {
    const network = parseNetwork(range);
    if (network.kind === "bad") return { ...network, kind: "refused", code: "bad-network" };
    if (asker !== undefined && holds(network.text, asker)) {
      const message = `${network.text} holds your own address, ${asker}.`;
      return { kind: "refused", code: "your-own", message };
    }
    const ban = { network: network.text, until: this.#store.clock() + seconds * 1000 };
    const written = this.#store.change(({ audit }) => {
      this.#store.all("DELETE FROM bans WHERE until <= ?", this.#store.clock());
      const [row] = this.#store.all("SELECT count(*) AS held FROM bans");
      if (Number(row?.["held"]) >= MAX_BANS) return undefined;
      this.#store.all("INSERT OR REPLACE INTO bans VALUES (?, ?)", ban.network, ban.until);
      audit({ by, action: "banned", target: ban.network, detail: untilText(ban.until) });
      return ban;
    });
    if (written.kind !== "nothing") return written;
    const message = `There are ${MAX_BANS} bans already: ban wider ranges, or lift some.`;
    return { kind: "refused", code: "too-many-bans", message };
  }

  remove(range: string, by: Actor): BanChange {
    const network = parseNetwork(range);
    if (network.kind === "bad") return { ...network, kind: "refused", code: "bad-network" };
    const written = this.#store.change(({ audit }) => {
      const [row] = this.#store.all("DELETE FROM bans WHERE network = ? RETURNING *", network.text);
      if (!row) return undefined;
      audit({ by, action: "unbanned", target: network.text });
      return { network: network.text, until: Number(row["until"]) };
    });
    if (written.kind !== "nothing") return written;
    const message = `${network.text} is not banned.`;
    return { kind: "refused", code: "no-such-ban", message };
  }

  /** Takes over what is in the database; `more`: somebody is banned now who was not before. */
  reload(): "same" | "fewer" | "more" {
    const before = new Set(this.#bans.map(({ network }) => network));
    const now = this.list();
    // Ranges are slow to take in, and most changes are of something else.
    if (isDeepStrictEqual(now, this.#bans)) return "same";
    this.#use(now);
    return now.some(({ network }) => !before.has(network)) ? "more" : "fewer";
  }

  #use(bans: readonly Ban[]): void {
    this.#bans = bans;
    this.#until = Math.min(...bans.map(({ until }) => until));
    this.#blocked = new BlockList();
    for (const { network } of bans) block(this.#blocked, network);
  }
}

/** For the audit: when something ends, to the second. */
export function untilText(until: number): string {
  return `until ${new Date(until).toISOString().slice(0, 19)}Z`;
}

function holds(network: string, address: string): boolean {
  const list = new BlockList();
  block(list, network);
  return blocks(list, address);
}

function block(list: BlockList, network: string): void {
  const [address = "", prefix] = network.split("/");
  list.addSubnet(address, Number(prefix), isIP(address) === 6 ? "ipv6" : "ipv4");
}

function blocks(list: BlockList, address: string): boolean {
  const ip = address.replace(/%.*$/, "");
  const family = isIP(ip);
  return family !== 0 && list.check(ip, family === 6 ? "ipv6" : "ipv4");
}

type Network = { readonly kind: "network"; readonly text: string } | {
  readonly kind: "bad";
  readonly message: string;
};

/** Reads a CIDR, or an address for itself alone. */
function parseNetwork(range: string): Network {
  const [address = "", bits, ...rest] = range.split("/");
  const family = address.includes("%") ? 0 : isIP(address);
  const whole = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? whole : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
  if ((family !== 4 && family !== 6) || rest.length > 0 || !(prefix <= whole)) {
    return {
      kind: "bad",
      message: "Give an address or a range, such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/64.",
    };
  }
  const least = LEAST_PREFIX[family];
  if (prefix < least) {
    return { kind: "bad", message: `A range of IPv${family} has a prefix of at least /${least}.` };
  }
  // URL writes an IPv6 address in its canonical form (RFC 5952).
  const text = family === 6 ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
  return { kind: "network", text: `${text}/${prefix}` };
}
