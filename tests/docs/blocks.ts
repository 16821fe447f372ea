/** The commands that stand in a document. */

export interface Block {
  /** `docs/router.md:41`, where it begins. */
  readonly at: string;
  /** One a line in the document; a line that ends in a backslash goes on in the next. */
  readonly commands: readonly string[];
}

/** The fenced blocks of `sh` in a Markdown text, indented ones in lists included. */
export function shellBlocks(file: string, text: string): Block[] {
  return Array.from(
    text.matchAll(/^( *)```sh\n(.*?)^ *```$/gms),
    ({ index, 1: indent, 2: body }) => {
      const line = text.slice(0, index).split("\n").length;
      const lines = (body ?? "").replaceAll("\\\n", " ").split("\n")
        .map((each) => each.slice(indent?.length).trim());
      return { at: `${file}:${line}`, commands: lines.filter((each) => !/^(#|$)/.test(each)) };
    },
  );
}
