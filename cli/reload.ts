import { type Config, LIVE_OPTIONS, type Loaded, optionChanges } from "../config/mod.ts";

/** What of a running server takes a new value at once. */
export interface LiveParts {
  readonly log: (level: Config["log"]) => void;
  readonly trustProxies: (cidrs: readonly string[]) => void;
  readonly certificate: () => void;
}

export type ReloadEvent =
  | {
    readonly kind: "reloaded";
    /** Variables, not their values. */
    readonly live: readonly string[];
    readonly needRestart: readonly string[];
  }
  /** Everything stays as it was. */
  | { readonly kind: "reload-refused"; readonly problems: readonly string[] };

export type Reload = (parts: LiveParts) => ReloadEvent;

/**
 * Reads the configuration again by `read`, and gives the server what it can take live. What it
 * cannot is named each time until the restart. The environment of a process never changes: only the
 * file brings anything new.
 */
export function reloading(started: Loaded & { ok: true }, read: () => Loaded): Reload {
  const inEffect = new Map(started.values);
  return (parts) => {
    parts.certificate();
    const loaded = read();
    if (!loaded.ok) return { kind: "reload-refused", problems: loaded.problems };
    const { live, atRestart } = optionChanges(inEffect, loaded.values);
    const { log, http: { trustedProxies } } = loaded.config;
    const takers: Record<typeof LIVE_OPTIONS[number], () => void> = {
      HEARTH_LOG: () => parts.log(log),
      HEARTH_TRUSTED_PROXIES: () => parts.trustProxies(trustedProxies),
    };
    for (const name of LIVE_OPTIONS) {
      if (!live.includes(name)) continue;
      takers[name]();
      inEffect.set(name, loaded.values.get(name));
    }
    return { kind: "reloaded", live, needRestart: atRestart };
  };
}
