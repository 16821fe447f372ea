import {
  calculateJwkThumbprint,
  type CryptoKey,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT,
} from "jose";
import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { failed, type Opened } from "./opened.ts";

/** The one algorithm: a token that names another is refused before its key is looked at. */
const ALGORITHM = "EdDSA";
const TYPE = "JWT";
const ISSUER = "hearth";
/** Ours have some 400 bytes. */
const MAX_LENGTH = 2_048;

/** A private Ed25519 key (RFC 8037 §2). */
const PrivateJwk = v.object({
  kty: v.literal("OKP"),
  crv: v.literal("Ed25519"),
  x: v.string(),
  d: v.string(),
});

const Claims = v.object({
  sub: v.string(),
  name: v.string(),
  exp: v.number(),
  iat: v.number(),
  jti: v.string(),
  epoch: v.string(),
});

/** What our tokens say, beside `iss` "hearth" and `aud` the realm (RFC 7519 §4.1). */
export type Claims = v.InferOutput<typeof Claims>;

export type VerifiedToken =
  | { readonly kind: "claims"; readonly claims: Claims }
  | RefusedToken;

export interface RefusedToken {
  readonly kind: "refused";
  readonly code: "unauthorized" | "token-expired";
  readonly message: string;
}

export interface TokenOptions {
  /** The tokens' audience: the game's realm. */
  readonly realm: string;
  readonly lifeSeconds: number;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/** A new signing key, as it is kept in its file: a private JWK. */
export async function makeTokenKey(): Promise<string> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  return JSON.stringify(await exportJWK(privateKey));
}

/** Reads a key made by `makeTokenKey` from the file at `path`, which messages name. */
export async function openTokens(
  key: string,
  path: string,
  options: TokenOptions,
): Promise<Opened<Tokens>> {
  const signing = await readKey(key);
  if (signing) return { kind: "open", value: new Tokens(signing, options) };
  return failed(
    "corrupt",
    `${path} holds no Ed25519 signing key. Put a backup in its place, or remove it: a new key is ` +
      "made at the next start, and all players log in again.",
  );
}

async function readKey(text: string): Promise<SigningKey | undefined> {
  try {
    const jwk = v.parse(PrivateJwk, JSON.parse(text));
    const publicJwk = { kty: jwk.kty, crv: jwk.crv, x: jwk.x };
    const privateKey = await importKey(jwk);
    const publicKey = await importKey(publicJwk);
    // Import does not compare the halves of a key; a signature does.
    const probe = await new SignJWT().setProtectedHeader({ alg: ALGORITHM }).sign(privateKey);
    await jwtVerify(probe, publicKey);
    return { privateKey, publicKey, publicJwk, kid: await calculateJwkThumbprint(publicJwk) };
  } catch {
    // No reason is given: the parsers' own words quote what they read, and that is a key.
    return undefined;
  }
}

interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly publicJwk: JWK;
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
}

/** Makes and reads access tokens. Whether a session still holds is for the accounts to say. */
export class Tokens {
  /** Public keys (RFC 7517 §5), for a game's own back end. */
  readonly jwks: { readonly keys: readonly JWK[] };
  readonly #key: SigningKey;
  readonly #options: TokenOptions;

  constructor(key: SigningKey, options: TokenOptions) {
    this.#key = key;
    this.#options = options;
    this.jwks = { keys: [{ ...key.publicJwk, kid: key.kid, alg: ALGORITHM, use: "sig" }] };
  }

  async issue(
    { sub, name, epoch }: Pick<Claims, "sub" | "name" | "epoch">,
  ): Promise<{ token: string; expiresIn: number }> {
    const { realm, lifeSeconds, clock } = this.#options;
    const now = Math.floor(clock() / 1000);
    const token = await new SignJWT({ name, epoch })
      .setProtectedHeader({ alg: ALGORITHM, kid: this.#key.kid, typ: TYPE })
      .setIssuer(ISSUER)
      .setAudience(realm)
      .setSubject(sub)
      .setIssuedAt(now)
      .setExpirationTime(now + lifeSeconds)
      .setJti(randomUUID())
      .sign(this.#key.privateKey);
    return { token, expiresIn: lifeSeconds };
  }

  async verify(token: string): Promise<VerifiedToken> {
    if (token.length > MAX_LENGTH) return unauthorized();
    try {
      const { payload } = await jwtVerify(
        token,
        ({ kid }) => {
          if (kid !== this.#key.kid) throw new errors.JWKSNoMatchingKey();
          return this.#key.publicKey;
        },
        {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer: ISSUER,
          audience: this.#options.realm,
          currentDate: new Date(this.#options.clock()),
        },
      );
      const claims = v.safeParse(Claims, payload);
      return claims.success ? { kind: "claims", claims: claims.output } : unauthorized();
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        return {
          kind: "refused",
          code: "token-expired",
          message: "The token has expired: log in again.",
        };
      }
      if (error instanceof errors.JOSEError) return unauthorized();
      throw error;
    }
  }
}

function unauthorized(): RefusedToken {
  return {
    kind: "refused",
    code: "unauthorized",
    message: "This token is not valid here: log in.",
  };
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, ALGORITHM);
  if (key instanceof Uint8Array) throw new TypeError("A symmetric key cannot sign tokens.");
  return key;
}
