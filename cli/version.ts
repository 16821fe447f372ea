/** What this very program was built of. */
export interface Build {
  /** Of Deno. */
  readonly runtime: string;
  /** Such as `x86_64-unknown-linux-gnu`. */
  readonly target: string;
  /** A compiled program; else Deno runs it from sources. */
  readonly standalone: boolean;
}

export function thisBuild(): Build {
  const { standalone, target } = Deno.build;
  return { runtime: Deno.version.deno, target, standalone };
}

/** The version first, so that a script takes the first word. */
export function versionLine(version: string, { runtime, target, standalone }: Build): string {
  return `${version} (Deno ${runtime}, ${target}, ${standalone ? "compiled" : "from sources"})`;
}
