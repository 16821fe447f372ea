import { HearthError } from "./api.ts";
import type { Environment } from "./environment.ts";

/** What `/api/login` and `/api/refresh` answer. */
interface Answer {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Absent for pages of the server itself: their cookie has it. */
  readonly refreshToken?: string;
}

/** The part of a token's life after which another one is asked for. */
const WORN = 0.9;
/** The login is over: another try answers the same. */
const FINAL: ReadonlySet<number> = new Set([401, 403]);

/** A login, kept going by refresh tokens. Each serves once, so whoever needs one waits for one turn. */
export class Session {
  readonly #env: Environment;
  readonly #base: string;
  #answer: Answer;
  #wornAt: number;
  #turning: Promise<void> | undefined;

  private constructor(env: Environment, base: string, answer: Answer) {
    [this.#env, this.#base, this.#answer] = [env, base, answer];
    this.#wornAt = env.now() + WORN * answer.expiresIn * 1_000;
  }

  /** Rejects with a HearthError. */
  static async logIn(env: Environment, base: string, account: object): Promise<Session> {
    const { status, body } = await post(env, new URL("/api/login", base), account);
    if (status !== 200) throw new HearthError(body.error.code, body.error.message);
    return new Session(env, base, body);
  }

  /** A token that holds; another than the last where that was `refused`. */
  async token(refused: boolean): Promise<string> {
    if (refused || this.#env.now() >= this.#wornAt) {
      this.#turning ??= this.#turn().finally(() => this.#turning = undefined);
      await this.#turning;
    }
    return this.#answer.token;
  }

  async #turn(): Promise<void> {
    const { refreshToken } = this.#answer;
    const { status, body } = await post(this.#env, new URL("/api/refresh", this.#base), {
      refreshToken,
    });
    if (status !== 200) {
      const { code, message } = body.error;
      throw new HearthError(FINAL.has(status) ? code : "unreachable", message);
    }
    this.#answer = body;
    this.#wornAt = this.#env.now() + WORN * body.expiresIn * 1_000;
  }
}

// deno-lint-ignore no-explicit-any -- The server is trusted to keep to its protocol.
type Body = any;

async function post(env: Environment, url: URL, body: object) {
  try {
    const answer = await env.fetch(url.href, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() as Body };
  } catch {
    throw new HearthError("unreachable", `Cannot reach ${url.origin}, or its answer is no JSON.`);
  }
}
