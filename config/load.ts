import { arrange, type Config } from "./config.ts";
import { dataFolder, type Environment } from "./data_folder.ts";
import type { ConfigFile } from "./file.ts";
import type { Raw } from "./kinds.ts";
import { nearest } from "./nearest.ts";
import {
  allOptions,
  general,
  type NamedOption,
  type Option,
  type Options,
  signalingLimits,
  spell,
  tlsLimits,
  turnLimits,
  type Values,
} from "./options.ts";

export type Origin = "flag" | "environment" | "file" | "default";

export interface Sources {
  /** By name, without dashes; `true` is a flag without a value. */
  readonly flags: ReadonlyMap<string, string | true>;
  readonly env: Environment;
  readonly file?: ConfigFile;
  readonly os: typeof Deno.build.os;
}

/** One option as it took effect, ready to be shown: secrets are masked. */
export interface Setting {
  readonly variable: string;
  readonly value: string;
  readonly origin: Origin;
}

export type Loaded =
  | {
    readonly ok: true;
    readonly config: Config;
    readonly settings: readonly Setting[];
    readonly values: OptionValues;
  }
  /** One line for each thing that is wrong. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** What each option came to, by its variable; secrets are not masked. */
export type OptionValues = ReadonlyMap<string, unknown>;

/** What one source says, with the words a person knows the source and its options by. */
interface Source {
  readonly origin: Exclude<Origin, "default">;
  readonly title: string;
  readonly given: ReadonlyMap<string, unknown>;
  spelling(option: NamedOption): string;
  readonly allowed: readonly NamedOption[];
}

/** Reads the whole configuration, the later source winning: default, file, environment, flag. */
export function loadConfig(sources: Sources): Loaded {
  const problems: string[] = [];
  const found = new Map<string, { readonly value: unknown; readonly origin: Origin }>();
  for (const source of inOrder(sources)) {
    problems.push(...strangers(source));
    for (const named of source.allowed) {
      const read = readOption(source, named);
      if (read === undefined) continue;
      if (read.ok) found.set(named.key, { value: read.value, origin: source.origin });
      else problems.push(read.problem);
    }
  }
  const valueOf = ({ key, option }: Pick<NamedOption, "key" | "option">) =>
    found.has(key) ? found.get(key)?.value : defaultOf(option);
  const values = <Group extends Options>(prefix: string, group: Group) =>
    Object.fromEntries(
      Object.entries(group).map((
        [name, option],
      ) => [name, valueOf({ key: spell(prefix, name).key, option })]),
    ) as Values<Group>;

  const dataDir = dataFolder(sources.env, sources.os);
  if (dataDir === undefined && !sources.env["HEARTH_DATA_DIR"]) {
    problems.push(
      "HEARTH_DATA_DIR (default): there is no home folder, or it has a comma; give a path.",
    );
  }
  const chosen = values("", general);
  if (chosen.httpPort === chosen.turnPort && chosen.httpPort !== 0) {
    problems.push(
      `HEARTH_HTTP_PORT and HEARTH_TURN_PORT are both ${chosen.httpPort}: give two ports, since both listen on TCP.`,
    );
  }
  if (chosen.peerjsPath === chosen.yWebrtcPath && chosen.peerjsPath !== "") {
    problems.push(
      `HEARTH_PEERJS_PATH and HEARTH_Y_WEBRTC_PATH are both ${chosen.peerjsPath}: give two paths, since a client is known by its path.`,
    );
  }
  if (problems.length > 0 || dataDir === undefined) return { ok: false, problems };

  return {
    ok: true,
    config: arrange(
      chosen,
      values("signaling", signalingLimits),
      values("turn", turnLimits),
      values("tls", tlsLimits),
      dataDir,
    ),
    settings: allOptions.map((named) => ({
      variable: named.variable,
      value: named.key === "dataDir" ? dataDir : show(named.option, valueOf(named)),
      origin: found.get(named.key)?.origin ?? "default",
    })),
    values: new Map(allOptions.map((named) => [named.variable, valueOf(named)])),
  };
}

/** What is wrong with these names of variables: those that begin as ours do and are none of ours. */
export function unknownVariables(names: readonly string[]): string[] {
  return Array.from(strangers(environment(Object.fromEntries(names.map((name) => [name, ""])))));
}

function inOrder({ flags, env, file }: Sources): Source[] {
  const settable = allOptions.filter(({ option }) => !option.environmentOnly);
  return [
    ...file
      ? [{
        origin: "file" as const,
        title: file.path,
        given: file.values,
        spelling: ({ key }: NamedOption) => key,
        allowed: settable,
      }]
      : [],
    environment(env),
    {
      origin: "flag",
      title: "command line",
      given: new Map(Array.from(flags, ([name, value]) => [`--${name}`, value])),
      spelling: ({ flag }) => `--${flag}`,
      allowed: settable,
    },
  ];
}

function environment(env: Environment): Source {
  return {
    origin: "environment",
    title: "environment",
    given: new Map(Object.entries(env).filter(([name]) => name.startsWith("HEARTH_"))),
    spelling: ({ variable }) => variable,
    allowed: allOptions,
  };
}

function* strangers({ given, title, spelling, allowed }: Source): Generator<string> {
  const names = allowed.map(spelling);
  const elsewhere = allOptions.filter((named) => !allowed.includes(named));
  for (const name of given.keys()) {
    if (names.includes(name)) continue;
    const misplaced = elsewhere.find((named) => spelling(named) === name);
    const meant = nearest(name, names);
    yield misplaced
      ? `${name} (${title}): only the environment sets this; give ${misplaced.variable}.`
      : `${name} (${title}): there is no such option; ` +
        (meant ? `did you mean ${meant}?` : "`hearth config` lists them all.");
  }
}

type Read = { readonly ok: true; readonly value: unknown } | {
  readonly ok: false;
  readonly problem: string;
};

function readOption(source: Source, named: NamedOption): Read | undefined {
  const name = source.spelling(named);
  const given = source.given.get(name);
  const { kind } = named.option;
  // An empty variable is what a script leaves that has nothing to say.
  const silent = given === "" && source.origin === "environment" && !kind.takesEmpty;
  if (given === undefined || silent) return undefined;
  const raw = rawOf(given);
  const value = raw === undefined ? undefined : kind.parse(raw);
  if (value !== undefined) return { ok: true, value };
  const seen = given === true && source.origin === "flag"
    ? "has no value"
    : kind.secret
    ? "what was given (not shown, it may be secret) is not right"
    : `${JSON.stringify(given)} is not right`;
  return { ok: false, problem: `${name} (${source.title}): ${seen}; give ${kind.right}.` };
}

/** A file's numbers are as good as their text. */
function rawOf(given: unknown): Raw | undefined {
  if (typeof given === "number") return String(given);
  if (typeof given === "string") return given;
  return Array.isArray(given) && given.every((item) => typeof item === "string")
    ? given
    : undefined;
}

function defaultOf({ kind, fallback }: Option<unknown>): unknown {
  return fallback === undefined ? undefined : kind.parse(fallback);
}

function show({ kind }: Option<unknown>, value: unknown): string {
  return value === undefined ? "" : kind.show(value);
}
