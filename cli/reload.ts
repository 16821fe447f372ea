import type { Auth, Opened } from "../auth/mod.ts";
import {
  type Config,
  type LivePart,
  type Loaded,
  optionChanges,
  type OptionValues,
  withLive,
} from "../config/mod.ts";
import type { HttpServer } from "../ops/mod.ts";
import type { Tls } from "../tls/mod.ts";
import type { TurnHandle } from "../turn/mod.ts";
import { openSecrets, readSecrets, type Secrets } from "./open_accounts.ts";

/** The parts of a running server that take other settings. */
export interface LiveParts {
  readonly log: (level: Config["log"]) => void;
  readonly http: Pick<HttpServer, "trustProxies">;
  readonly tls: Pick<Tls, "reload" | "limit"> | undefined;
  readonly relay: Pick<TurnHandle, "configure">;
  readonly auth: Pick<Auth, "configure">;
  readonly signaling: {
    configure(settings: Pick<Config["signaling"], "limits"> & Pick<Config, "origins">): void;
  };
}

/** What a reload came to. Options are named by their variables: their values may be secret. */
export type ReloadEvent =
  | { readonly kind: "reloaded"; readonly live: readonly string[] }
  | { readonly kind: `${string} needs a restart` }
  /** Everything stays as it was. */
  | { readonly kind: "reload-refused"; readonly problems: readonly string[] };

/** Where the secrets of relay credentials come from: at the start, and again at a reload. */
export interface SecretSource {
  open(config: Config): Promise<Opened<Secrets>>;
  read(config: Config): Promise<Opened<Secrets>>;
}

const SECRET = "HEARTH_TURN_SECRET";

/** The configuration that a running server goes by, and the way to another. */
export class LiveConfig {
  readonly #read: () => Loaded;
  readonly #secrets: SecretSource;
  #current: Config;
  #inEffect: OptionValues;
  #last: Promise<unknown> = Promise.resolve();

  /** `started` takes effect; `read` reads anew what it came from. */
  constructor(
    started: Loaded & { readonly ok: true },
    read: () => Loaded,
    secrets: SecretSource = { open: openSecrets, read: readSecrets },
  ) {
    this.#read = read;
    this.#secrets = secrets;
    this.#current = started.config;
    this.#inEffect = started.values;
  }

  /** As it is in effect now. */
  get current(): Config {
    return this.#current;
  }

  /** The secrets to start with. */
  async openSecrets(): Promise<Opened<Secrets>> {
    const opened = await this.#secrets.open(this.#current);
    if (opened.kind === "open") this.#inEffect = withSecrets(this.#inEffect, opened.value);
    return opened;
  }

  /**
   * Reads the configuration again, and gives the parts what they can take live. What they cannot is
   * named each time until the restart. The environment of a process never changes: only files bring
   * anything new.
   */
  reload(parts: LiveParts): Promise<readonly ReloadEvent[]> {
    const events = this.#last.then(() => this.#reload(parts));
    this.#last = events.catch(() => {});
    return events;
  }

  async #reload(parts: LiveParts): Promise<readonly ReloadEvent[]> {
    // Its files have a check of their own.
    parts.tls?.reload();
    const loaded = this.#read();
    if (!loaded.ok) return [{ kind: "reload-refused", problems: loaded.problems }];
    const secrets = await this.#secrets.read(loaded.config);
    if (secrets.kind === "failed") return [{ kind: "reload-refused", problems: [secrets.message] }];
    const wanted = withSecrets(loaded.values, secrets.value);
    const changes = optionChanges(this.#inEffect, wanted);

    this.#current = withLive(this.#current, loaded.config);
    this.#inEffect = new Map([
      ...this.#inEffect,
      ...changes.live.map((name): [string, unknown] => [name, wanted.get(name)]),
    ]);
    await give(changes.parts, this.#current, secrets.value, parts);
    return [
      { kind: "reloaded", live: changes.live },
      ...changes.atRestart.map((name) => ({ kind: `${name} needs a restart` as const })),
    ];
  }
}

/** The file of the data folder counts as the option that it stands for. */
function withSecrets(values: OptionValues, secrets: Secrets): OptionValues {
  return new Map(values).set(SECRET, secrets);
}

async function give(
  changed: ReadonlySet<LivePart>,
  { http, tls, turn, signaling, auth: { registration }, origins, limits, log }: Config,
  secrets: Secrets,
  parts: LiveParts,
): Promise<void> {
  const { peerAllow, peerDeny } = turn;
  const givers: Readonly<Record<LivePart, () => void | Promise<void>>> = {
    log: () => parts.log(log),
    http: () => parts.http.trustProxies(http.trustedProxies),
    tls: () => parts.tls?.limit(tls.limits),
    // One that is down is told at its restart. It knows a secret before anything is signed with it.
    relay: () =>
      parts.relay.configure({ secrets, peerAllow, peerDeny, limits: turn.limits })
        .catch(() => {}),
    auth: () => parts.auth.configure({ registration, origins, limits, secrets }),
    signaling: () => parts.signaling.configure({ limits: signaling.limits, origins }),
  };
  for (const part of ["relay", "auth", "signaling", "tls", "http", "log"] as const) {
    if (changed.has(part)) await givers[part]();
  }
}
