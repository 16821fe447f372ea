/** Accounts in a folder of their own, on a fake clock, with hashes that cost next to nothing. */
import type { Auth, AuthEvent, AuthOptions, House, Opened, Presence } from "../../auth/mod.ts";
import { openAuth } from "../../auth/mod.ts";
import { CHEAP } from "./changes.ts";

export { CHEAP };
export const PASSWORD = "correct horse";

/** A server that nobody is on; tests put in place of it what they look at. */
export const NOBODY: Presence = {
  present: () => [],
  setLocked: () => false,
  disconnect: () => {},
  disconnectSession: () => {},
  renewIce: () => {},
  disconnectFrom: () => [],
};

export interface Clock {
  ms: number;
}

export interface World extends AsyncDisposable {
  readonly auth: Auth;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly events: AuthEvent[];
  /** Calls the routes as the client at `from`. */
  call(path: string, init?: RequestInit, from?: string): Promise<Response>;
  login(login: string, password: string, from?: string): Promise<Response>;
  /** A token of `name`, who has `PASSWORD`. */
  token(name: string): Promise<string>;
}

type Server = NonNullable<AuthOptions["server"]>;

export interface WorldOptions extends Partial<Omit<AuthOptions, "server">> {
  readonly server?: Omit<Server, "house"> & Partial<Pick<Server, "house">>;
}

/** What no test asks unless it brings its own. */
const NO_HOUSE: House = {
  live: () => undefined,
  check: () => Promise.resolve({}),
  drain: () => {},
};

export async function makeWorld({ server, ...options }: WorldOptions = {}): Promise<World> {
  const dataDir = options.dataDir ?? await Deno.makeTempDir({ prefix: "hearth-auth-" });
  const clock = { ms: 1_800_000_000_000 };
  const events: AuthEvent[] = [];
  const auth = opened(
    await openAuth({
      dataDir,
      realm: "game",
      auth: "open",
      registration: "closed",
      tokenLifeSeconds: 3_600,
      sessionLifeSeconds: 86_400,
      credentialLifeSeconds: 7_200,
      turn: { port: 3478, secrets: ["secret"], udp: true, tcp: true },
      origins: [],
      limits: "on",
      clock: () => clock.ms,
      monotonic: () => clock.ms,
      note: (event) => events.push(event),
      cost: CHEAP,
      ...options,
      ...server && { server: { house: NO_HOUSE, ...server } },
    }),
  );
  const call: World["call"] = async (path, init, from = "192.0.2.1") =>
    await auth.routes.request(`http://hearth.example:8080${path}`, init, { remoteAddress: from });
  const login: World["login"] = (login, password, from) =>
    call("/api/login", post({ login, password }), from);
  return {
    auth,
    dataDir,
    clock,
    events,
    call,
    login,
    async token(name) {
      return (await (await login(name, PASSWORD)).json()).token;
    },
    async [Symbol.asyncDispose]() {
      auth.close();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

export function post(body: unknown): RequestInit {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
}

export function bearer(token: string, method = "GET"): RequestInit {
  return { method, headers: { Authorization: `Bearer ${token}` } };
}

export function opened<T>(result: Opened<T>): T {
  if (result.kind === "failed") throw new Error(result.message);
  return result.value;
}
