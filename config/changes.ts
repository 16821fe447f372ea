/** What a configuration that is read again changes, and which part of the server takes it. */
import type { Config } from "./config.ts";
import type { OptionValues } from "./load.ts";
import { groups, spell } from "./options.ts";
import { Secret } from "./secret.ts";

/** A part of the running server that takes other settings. */
export type LivePart = "log" | "http" | "tls" | "relay" | "auth" | "signaling";

/** Limits that connections were made by: `LASTING_LIMITS` of signaling. */
const LASTING: ReadonlySet<string> = new Set([
  "HEARTH_SIGNALING_SEND_BUFFER_BYTES",
  "HEARTH_SIGNALING_IDLE_SECONDS",
]);

const LIMITS_OF = { "": undefined, signaling: "signaling", turn: "relay", tls: "tls" } as const;

/** By its variable, the parts that take an option while the server runs; no other option is taken. */
export const LIVE_OPTIONS: ReadonlyMap<string, readonly LivePart[]> = new Map<
  string,
  readonly LivePart[]
>([
  ["HEARTH_ORIGINS", ["auth", "signaling"]],
  ["HEARTH_TRUSTED_PROXIES", ["http"]],
  ["HEARTH_REGISTRATION", ["auth"]],
  ["HEARTH_TURN_SECRET", ["relay", "auth"]],
  ["HEARTH_PEER_ALLOW", ["relay"]],
  ["HEARTH_PEER_DENY", ["relay"]],
  ["HEARTH_LIMITS", ["relay", "auth", "signaling"]],
  ["HEARTH_LOG", ["log"]],
  ...groups.flatMap(({ prefix, options }) => {
    const part = LIMITS_OF[prefix];
    if (part === undefined) return [];
    return Object.keys(options).map((name) => spell(prefix, name).variable)
      .filter((variable) => !LASTING.has(variable))
      .map((variable): [string, LivePart[]] => [variable, [part]]);
  }),
]);

/** Names of variables; values might be secret. */
export interface OptionChanges {
  /** Those that take effect at once. */
  readonly live: readonly string[];
  /** Those that take effect at the next start. */
  readonly atRestart: readonly string[];
  /** Who takes those that are live. */
  readonly parts: ReadonlySet<LivePart>;
}

/** Compares what is in effect with what is wanted, an option at a time. */
export function optionChanges(inEffect: OptionValues, wanted: OptionValues): OptionChanges {
  const changed = Array.from(wanted.keys()).filter((name) =>
    textOf(inEffect.get(name)) !== textOf(wanted.get(name))
  );
  const live = changed.filter((name) => LIVE_OPTIONS.has(name));
  return {
    live,
    atRestart: changed.filter((name) => !LIVE_OPTIONS.has(name)),
    parts: new Set(live.flatMap((name) => LIVE_OPTIONS.get(name) ?? [])),
  };
}

/** What is in effect once a running server has taken what it can. */
export function withLive(inEffect: Config, wanted: Config): Config {
  const { sendBufferBytes, idleSeconds } = inEffect.signaling.limits;
  const { secrets, peerAllow, peerDeny, limits } = wanted.turn;
  return {
    ...inEffect,
    http: { ...inEffect.http, trustedProxies: wanted.http.trustedProxies },
    tls: { ...inEffect.tls, limits: wanted.tls.limits },
    turn: { ...inEffect.turn, secrets, peerAllow, peerDeny, limits },
    signaling: {
      ...inEffect.signaling,
      limits: { ...wanted.signaling.limits, sendBufferBytes, idleSeconds },
    },
    auth: { ...inEffect.auth, registration: wanted.auth.registration },
    origins: wanted.origins,
    limits: wanted.limits,
    log: wanted.log,
  };
}

/** Equal for equal values. A secret is part of it, so it goes nowhere. */
function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, shown) {
    const { [key]: own } = this;
    return own instanceof Secret ? own.reveal() : shown;
  });
}
