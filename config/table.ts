/**
 * The README's table of options, made from the options themselves.
 *
 *     deno task docs
 */
import { groups, type NamedOption, type Option, spell } from "./options.ts";

const BEGIN = "<!-- options -->";
const END = "<!-- /options -->";

/** The table in Markdown, one section for each group of options. */
export function optionsTable(): string {
  const [general, ...limits] = groups.map(({ prefix, options }) =>
    Object.entries<Option<unknown>>(options).map(([name, option]) =>
      row({ ...spell(prefix, name), option })
    )
  );
  return [
    "<!-- deno-fmt-ignore-start -->",
    "",
    "| variable | default | |",
    "|---|---|---|",
    ...general ?? [],
    "",
    "Limits (`HEARTH_LIMITS=off` lifts the relay's, and of signaling's what one client or address may do):",
    "",
    "| variable | default | |",
    "|---|---|---|",
    ...limits.flat(),
    "",
    "<!-- deno-fmt-ignore-end -->",
  ].join("\n");
}

function row({ variable, option: { fallback, help } }: NamedOption): string {
  return `| \`${variable}\` | ${fallback ? `\`${fallback}\`` : "(none)"} | ${help} |`;
}

/** The text of the README with the table of today; undefined where it has no place for one. */
export function withOptionsTable(readme: string): string | undefined {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) return undefined;
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${optionsTable()}\n\n${readme.slice(end)}`;
}

if (import.meta.main) {
  const readme = withOptionsTable(Deno.readTextFileSync("README.md"));
  if (readme === undefined) {
    console.error(`Cannot write the options to README.md: it lacks ${BEGIN} … ${END}`);
    Deno.exit(1);
  }
  Deno.writeTextFileSync("README.md", readme);
}
