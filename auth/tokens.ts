import { errors, jwtVerify, SignJWT } from "jose";
import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { ALGORITHM, type SigningKeys } from "./signing_keys.ts";

const TYPE = "JWT";
const ISSUER = "hearth";
/** Ours have some 400 bytes. */
const MAX_LENGTH = 2_048;

const Claims = v.object({
  sub: v.string(),
  name: v.string(),
  exp: v.number(),
  iat: v.number(),
  jti: v.string(),
  sid: v.string(),
});

/**
 * What an access token says, beside `iss` "hearth" and `aud` the realm (RFC 7519 §4.1). `sid` is the
 * session (OpenID Connect Front-Channel Logout 1.0 §3).
 */
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

/** Makes and reads access tokens. Whether a session still holds is for others to say. */
export class Tokens {
  readonly #keys: SigningKeys;
  readonly #options: TokenOptions;

  constructor(keys: SigningKeys, options: TokenOptions) {
    this.#keys = keys;
    this.#options = options;
  }

  async issue(
    { sub, name, sid }: Pick<Claims, "sub" | "name" | "sid">,
  ): Promise<{ token: string; expiresIn: number }> {
    const { realm, lifeSeconds, clock } = this.#options;
    const { kid, privateKey } = await this.#keys.current();
    const now = Math.floor(clock() / 1000);
    const token = await new SignJWT({ name, sid })
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: TYPE })
      .setIssuer(ISSUER)
      .setAudience(realm)
      .setSubject(sub)
      .setIssuedAt(now)
      .setExpirationTime(now + lifeSeconds)
      .setJti(randomUUID())
      .sign(privateKey);
    return { token, expiresIn: lifeSeconds };
  }

  async verify(token: string): Promise<VerifiedToken> {
    if (token.length > MAX_LENGTH) return unauthorized();
    const keys = await this.#keys.all();
    try {
      const { payload } = await jwtVerify(
        token,
        ({ kid }) => {
          const key = keys.find((key) => key.kid === kid);
          if (!key) throw new errors.JWKSNoMatchingKey();
          return key.publicKey;
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
          message: "The token has expired: get a new one by POST /api/refresh, or log in again.",
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
