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
    if (known === undefined) this.#known.set(key, known = ask(formatAddress(to)));
    return known;
  }
}

/**
 * The runtime keeps each answer for good, under the host that it reads from the descriptor anew
 * after it has judged (Deno 2.9.6), and strangers name hosts without end: so the descriptor names
 * its host once. Should a judgement ever be made without, it is `partial` where anything is denied.
 */
function ask(host: string): boolean {
  let unread = host;
  const { state, partial } = Deno.permissions.querySync({
    name: "net",
    get host() {
      const read = unread;
      unread = "";
      return read;
    },
  });
  return state === "granted" && !partial;
}
