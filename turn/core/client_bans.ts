import type { Ip } from "../address.ts";
import type { ClientBan } from "../config.ts";
import { type Cidr, cidr, contains } from "./cidr.ts";

/** The ranges whose clients get no relay. */
export class ClientBans {
  #bans: readonly { readonly range: Cidr; readonly until: number }[] = [];

  replace(bans: readonly ClientBan[]): void {
    this.#bans = bans.map(({ network, until }) => ({ range: cidr(network), until }));
  }

  has(ip: Ip, unixSeconds: number): boolean {
    return this.#bans.some(({ range, until }) =>
      until > unixSeconds * 1_000 && contains(range, ip)
    );
  }
}
