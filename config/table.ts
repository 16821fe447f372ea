import { groups, type NamedOption, type Option, spell } from "./options.ts";

/** The options as tables in Markdown, one section for each group of options. */
export function optionsTable(): string {
  const [general, ...limits] = groups.map(({ prefix, options }) =>
    Object.entries<Option<unknown>>(options).map(([name, option]) =>
      row({ ...spell(prefix, name), option })
    )
  );
  return [
    "| variable | default | |",
    "|---|---|---|",
    ...general ?? [],
    "",
    "Limits (`HEARTH_LIMITS=off` lifts the relay's, and of signaling's what one client or address may do):",
    "",
    "| variable | default | |",
    "|---|---|---|",
    ...limits.flat(),
  ].join("\n");
}

function row({ variable, option: { fallback, help } }: NamedOption): string {
  return `| \`${variable}\` | ${fallback ? `\`${fallback}\`` : "(none)"} | ${help} |`;
}
