/**
 * Writes what the code knows into the documents, between markers: `deno task docs`. A test fails
 * where a document differs.
 */
import { optionsTable } from "../config/mod.ts";
import { metricsTable } from "../ops/mod.ts";
import { protocolTable } from "../signaling/mod.ts";
import { grafanaDashboard } from "./grafana.ts";

/** Each generated part: in `file`, between `<!-- name -->` and `<!-- /name -->`. */
const PARTS = [
  { file: "README.md", name: "options", make: optionsTable },
  { file: "docs/protocol.md", name: "protocol", make: protocolTable },
  { file: "docs/metrics.md", name: "metrics", make: metricsTable },
];

/** The documents as they should be, by file. Throws where one has no place for its part. */
export function documents(read: (file: string) => string): Map<string, string> {
  const written = PARTS.map(({ file, name, make }): [string, string] => {
    const text = read(file);
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${file} lacks ${begin} … ${end}`);
    const part = [
      begin,
      "",
      "<!-- deno-fmt-ignore-start -->",
      "",
      make().trim(),
      "",
      "<!-- deno-fmt-ignore-end -->",
      "",
    ].join("\n");
    return [file, `${text.slice(0, from)}${part}\n${text.slice(to)}`];
  });
  return new Map([...written, ["docs/grafana.json", grafanaDashboard()]]);
}

if (import.meta.main) {
  for (const [file, text] of documents(Deno.readTextFileSync)) Deno.writeTextFileSync(file, text);
}
