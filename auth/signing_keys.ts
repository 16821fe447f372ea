import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT,
} from "jose";
import * as v from "valibot";
import { failed, type Opened } from "./opened.ts";
import type { Actor, Row, Store, Written } from "./store.ts";

/** The one algorithm: a token that names another is refused before its key is looked at. */
export const ALGORITHM = "EdDSA";

/** How long others may keep the public keys. A new key is published so long before it signs. */
export const PUBLISHED_SECONDS = 300;

/** Older ones have signed nothing that still holds, unless keys are changed by the minute. */
const MOST_KEYS = 5;

/** A private Ed25519 key (RFC 8037 §2). */
const PrivateJwk = v.object({
  kty: v.literal("OKP"),
  crv: v.literal("Ed25519"),
  x: v.string(),
  d: v.string(),
});

export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly publicJwk: JWK;
  /** Unix milliseconds. */
  readonly signsAt: number;
}

/** `gently`: no token is refused. `at-once`: whatever the old keys signed is; sessions go on. */
export type Rotation = "gently" | "at-once";

/** Opens the keys, the first of them made where there is none; `path` is named where one is bad. */
export async function openSigningKeys(store: Store, path: string): Promise<Opened<SigningKeys>> {
  if (rowsOf(store).length === 0) {
    const key = await makeKey();
    const written = store.change(() =>
      rowsOf(store).length === 0 ? insert(store, key, 0) : undefined
    );
    if (written.kind === "refused") return failed("unreadable", `${path}: ${written.message}`);
  }
  const keys = new SigningKeys(store);
  if ((await keys.all()).length === rowsOf(store).length) return { kind: "open", value: keys };
  return failed("corrupt", `${path} holds a signing key that is none. Put a backup in its place.`);
}

/**
 * The keys that access tokens are signed with. They are read anew each time, so a key that another
 * process made is in use at once.
 */
export class SigningKeys {
  readonly #store: Store;
  #imported = new Map<string, Promise<SigningKey | undefined>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Those that verify, in the order in which they sign. */
  async all(): Promise<SigningKey[]> {
    const rows = rowsOf(this.#store);
    this.#imported = new Map(
      rows.map((row) => {
        const kid = String(row["kid"]);
        return [kid, this.#imported.get(kid) ?? readKey(row)];
      }),
    );
    const keys = await Promise.all(this.#imported.values());
    return keys.filter((key) => key !== undefined);
  }

  /** The one that signs now. */
  async current(): Promise<SigningKey> {
    const keys = await this.all();
    const now = this.#store.clock();
    const key = keys.findLast(({ signsAt }) => signsAt <= now) ?? keys[0];
    if (!key) throw new Error("There is no signing key: the database was changed by hand.");
    return key;
  }

  /** Public keys (RFC 7517 §5), for a game's own back end. */
  async published(): Promise<{ readonly keys: readonly JWK[] }> {
    const keys = await this.all();
    return {
      keys: keys.map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: ALGORITHM, use: "sig" })),
    };
  }

  /** Makes a new key; its id. */
  async rotate(how: Rotation, by: Actor): Promise<Written<string>> {
    const key = await makeKey();
    return this.#store.change(({ audit }) => {
      const atOnce = how === "at-once";
      if (atOnce) this.#store.all("DELETE FROM signing_keys");
      insert(this.#store, key, atOnce ? 0 : this.#store.clock() + PUBLISHED_SECONDS * 1000);
      this.#store.all(
        `DELETE FROM signing_keys WHERE kid NOT IN
           (SELECT kid FROM signing_keys ORDER BY signs_at DESC LIMIT ?)`,
        MOST_KEYS,
      );
      audit({ by, action: "keys-rotated", target: key.kid, detail: how });
      return key.kid;
    });
  }
}

interface NewKey {
  readonly kid: string;
  readonly jwk: JWK;
}

async function makeKey(): Promise<NewKey> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { kid: await calculateJwkThumbprint(jwk), jwk };
}

function insert(store: Store, { kid, jwk }: NewKey, signsAt: number): string {
  store.all("INSERT INTO signing_keys VALUES (?, ?, ?)", kid, JSON.stringify(jwk), signsAt);
  return kid;
}

function rowsOf(store: Store): Row[] {
  return store.all("SELECT * FROM signing_keys ORDER BY signs_at");
}

/** No reason is given for a bad one: the parsers' own words quote what they read. */
async function readKey(row: Row): Promise<SigningKey | undefined> {
  try {
    const jwk = v.parse(PrivateJwk, JSON.parse(String(row["jwk"])));
    const publicJwk = { kty: jwk.kty, crv: jwk.crv, x: jwk.x };
    const kid = await calculateJwkThumbprint(publicJwk);
    const [privateKey, publicKey] = [await importKey(jwk), await importKey(publicJwk)];
    // Import does not compare the halves of a key; a signature does.
    const probe = await new SignJWT().setProtectedHeader({ alg: ALGORITHM }).sign(privateKey);
    await jwtVerify(probe, publicKey);
    if (kid !== row["kid"]) return undefined;
    return { kid, privateKey, publicKey, publicJwk, signsAt: Number(row["signs_at"]) };
  } catch {
    return undefined;
  }
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, ALGORITHM);
  if (key instanceof Uint8Array) throw new TypeError("A symmetric key cannot sign tokens.");
  return key;
}
