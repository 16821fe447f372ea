import { type AddressKey, formatAddress, type TransportAddress } from "../../address.ts";
import { RecentMap } from "../recent.ts";

const REMEMBERED = 8_192;

/**
 * What the runtime's permissions say of each destination. It asks them for each datagram that it
 * sends itself, and cannot for what the C library sends: `--deny-net` stays the second wall by this.
 */
export class Destinations {
  readonly #known = new RecentMap<AddressKey, boolean>(REMEMBERED);

  isPermitted(to: TransportAddress): boolean {
    const { key } = to;
    let known = this.#known.get(key);
    if (known === undefined) {
      const host = formatAddress(to);
      known = Deno.permissions.querySync({ name: "net", host }).state === "granted";
      this.#known.set(key, known);
    }
    return known;
  }
}
