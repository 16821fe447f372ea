import { join } from "node:path";
import { randomBytes } from "node:crypto";
import {
  Attempts,
  type Host,
  type IceServers,
  parseHost,
  RateLimit,
  type ScryptCost,
  type TurnEndpoint,
} from "./core/mod.ts";
import { Bans } from "./bans.ts";
import { openDatabase } from "./database.ts";
import type { AuthEvent } from "./events.ts";
import type { House } from "./house.ts";
import { type AuthRoutes, makeRoutes, type Registration } from "./http/mod.ts";
import { Invites } from "./invites.ts";
import { Moderation } from "./moderation.ts";
import { failed, type Opened } from "./opened.ts";
import { OWASP_COST, PasswordHasher } from "./passwords.ts";
import { load, loadOrMake, makeDataDir } from "./private_file.ts";
import { Registrations } from "./registrations.ts";
import { RelayCredentials } from "./relay_credentials.ts";
import { type Authenticated, Sessions } from "./sessions.ts";
import { SessionTable } from "./session_table.ts";
import { openSigningKeys, type SigningKeys } from "./signing_keys.ts";
import { Store } from "./store.ts";
import { Tokens } from "./tokens.ts";
import { Users } from "./users.ts";
import { Watch, type WatchOptions } from "./watch.ts";

export interface AuthOptions {
  readonly dataDir: string;
  /** The tokens' audience, and the realm that 401 answers name. */
  readonly realm: string;
  /** `open`: ICE servers also go to guests without a token. */
  readonly auth: "open" | "required";
  /** Whether strangers may make accounts: no, with an invitation, or all. */
  readonly registration: Registration;
  /** How long an access token holds. */
  readonly tokenLifeSeconds: number;
  /** How long a login holds that nobody uses. */
  readonly sessionLifeSeconds: number;
  readonly credentialLifeSeconds: number;
  readonly turn: TurnEndpoint & {
    /** Put into ICE URLs instead of the host by which a player reached us. */
    readonly publicHost?: string;
    /** The relay's address for players who come by IPv6, as it is now; undefined where none is. */
    readonly ipv6?: () => string | undefined;
  };
  /** Web origins that may call `/api` from a page of theirs, beside our own pages. */
  readonly origins: readonly string[];
  /** `off` lifts the limits for names and addresses, for benchmarks; hashing stays bounded. */
  readonly limits: "on" | "off";
  /** Unix milliseconds. */
  readonly clock: () => number;
  /** Milliseconds that only grow: what limits are timed by. */
  readonly monotonic: () => number;
  readonly note: (event: AuthEvent) => void;
  /** The running server, which ends what somebody has here; absent in the command line. */
  readonly server?: Omit<WatchOptions, "credentialLifeSeconds"> & { readonly house: House };
  /** Cost of new password hashes; OWASP's where absent. */
  readonly cost?: ScryptCost;
}

/** What running accounts take anew; all else needs a new start. */
export interface AuthSettings extends Pick<AuthOptions, "registration" | "origins" | "limits"> {
  /** Shared secrets of relay credentials: the first signs. */
  readonly secrets: TurnEndpoint["secrets"];
}

export interface Auth {
  /** Serve with `routes.fetch(request, { remoteAddress, secure })`. */
  readonly routes: AuthRoutes;
  readonly users: Users;
  readonly bans: Bans;
  readonly invites: Invites;
  readonly moderation: Moderation;
  readonly keys: SigningKeys;
  /** Whose token this is, if its session still holds. */
  authenticate(token: string): Promise<Authenticated>;
  /**
   * ICE servers for a subject that reached us by `host` (a Host header, or a URL's host). A host
   * that cannot stand in an ICE URL gives none, unless a public host is configured. In a `room`, the
   * credential counts towards what the room may hold of the relay.
   */
  iceServers(subject: string, host: string, room?: string): IceServers;
  /** Ends the relay's credentials of a subject; those that it is given from now on hold. */
  endCredentials(subject: string): void;
  /** Takes other settings, from the next request on. */
  configure(settings: AuthSettings): void;
  close(): void;
}

/**
 * Opens the accounts and keys in the data folder, made where they are not there yet. All that
 * needs permission to write is open afterwards.
 */
export async function openAuth(options: AuthOptions): Promise<Opened<Auth>> {
  const { dataDir, turn, note, clock } = options;
  const publicHost = turn.publicHost === undefined ? undefined : parseHost(turn.publicHost);
  if (turn.publicHost !== undefined && !publicHost) {
    return failed(
      "bad-option",
      `The public host ${JSON.stringify(turn.publicHost)} is neither a host name nor an address.`,
    );
  }
  const database = await openDatabase(dataDir, note);
  if (database.kind === "failed") return database;
  const store = new Store(database.value, clock, note);
  const keys = await openSigningKeys(store, join(dataDir, "hearth.db"));
  if (keys.kind === "failed") {
    store.close();
    return keys;
  }
  return { kind: "open", value: assemble(options, store, keys.value, publicHost) };
}

/** The secret that relay credentials are signed with, where configuration brings none. */
export async function loadOrMakeSecret(
  dataDir: string,
  note: (event: AuthEvent) => void = () => {},
): Promise<Opened<string>> {
  const noFolder = await makeDataDir(dataDir);
  if (noFolder) return noFolder;
  const path = secretPath(dataDir);
  const make = () => randomBytes(32).toString("base64url") + "\n";
  return secretIn(path, await loadOrMake(path, make, note));
}

/** The same secret, and never a new one: for a server that runs and may write no more. */
export async function loadSecret(dataDir: string): Promise<Opened<string>> {
  const path = secretPath(dataDir);
  return secretIn(path, await load(path, () => {}));
}

function secretPath(dataDir: string): string {
  return join(dataDir, "turn.secret");
}

function secretIn(path: string, file: Opened<string>): Opened<string> {
  if (file.kind === "failed") return file;
  const secret = file.value.trim();
  if (secret.length >= 16) return { kind: "open", value: secret };
  return failed(
    "corrupt",
    `${path} holds no secret of 16 characters or more. Remove it: a new one is made at the next start.`,
  );
}

function assemble(
  options: AuthOptions,
  store: Store,
  keys: SigningKeys,
  publicHost: Host | undefined,
): Auth {
  let settings: Omit<AuthSettings, "secrets"> = options;
  const limited = <T>(limit: T) => () => settings.limits === "on" ? limit : undefined;
  const hasher = new PasswordHasher(options.cost ?? OWASP_COST);
  const users = new Users(store, hasher);
  const bans = new Bans(store);
  const invites = new Invites(store);
  const moderation = new Moderation(store);
  const { server } = options;
  const log = join(options.dataDir, "hearth.db-wal");
  const credentials = new RelayCredentials({
    ...options,
    publicHost,
    lifeSeconds: options.credentialLifeSeconds,
    revokeRelay: (subject, at) => server?.revokeRelay(subject, at),
  });
  const endCredentials = (subject: string, at?: number) => credentials.end(subject, at);
  const watch = server &&
    new Watch(store, bans, log, { ...options, ...server, revokeRelay: endCredentials });
  const iceServers = (subject: string, reachedBy: string, room?: string) =>
    credentials.issue(subject, reachedBy, room);

  const sessions = new Sessions({
    ...options,
    users,
    attempts: limited(new Attempts()),
    tokens: new Tokens(keys, { ...options, lifeSeconds: options.tokenLifeSeconds }),
    table: new SessionTable(store, options.sessionLifeSeconds),
    ended: (session) => watch?.sessionEnded(session),
  });
  const routes = makeRoutes({
    ...options,
    registration: () => settings.registration,
    origins: () => settings.origins,
    limits: () => settings.limits,
    sessions,
    users,
    registrations: new Registrations(store, hasher, invites),
    bans,
    invites,
    moderation,
    keys,
    iceServers,
    guests: limited(new RateLimit()),
    presence: server?.presence,
    house: server?.house,
  });
  return {
    routes,
    users,
    bans,
    invites,
    moderation,
    keys,
    authenticate: (token) => sessions.authenticate(token),
    iceServers,
    endCredentials,
    configure(wanted) {
      settings = wanted;
      credentials.configure(wanted.secrets);
    },
    close() {
      watch?.close();
      store.close();
    },
  };
}
