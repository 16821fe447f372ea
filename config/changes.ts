/** What a configuration that is read again would change. */
import type { OptionValues } from "./load.ts";
import { Secret } from "./secret.ts";

/** The variables of options that a running server can take over. */
export const LIVE_OPTIONS = ["HEARTH_LOG", "HEARTH_TRUSTED_PROXIES"] as const;

/** Names of variables; values might be secret. */
export interface OptionChanges {
  /** Those that take effect at once. */
  readonly live: readonly string[];
  /** Those that take effect at the next start. */
  readonly atRestart: readonly string[];
}

/** Compares what is in effect with what is wanted, an option at a time. */
export function optionChanges(inEffect: OptionValues, wanted: OptionValues): OptionChanges {
  const changed = Array.from(wanted.keys()).filter((name) =>
    textOf(inEffect.get(name)) !== textOf(wanted.get(name))
  );
  const isLive = (name: string) => LIVE_OPTIONS.some((live) => live === name);
  return {
    live: changed.filter(isLive),
    atRestart: changed.filter((name) => !isLive(name)),
  };
}

/** Equal for equal values. A secret is part of it, so it goes nowhere. */
function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, shown) {
    const { [key]: own } = this;
    return own instanceof Secret ? own.reveal() : shown;
  });
}
