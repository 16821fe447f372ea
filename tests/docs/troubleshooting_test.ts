import { deepEqual, ok } from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
const read = (file: string) => Deno.readTextFileSync(new URL(file, ROOT));

/** Where the texts come from that a player or a host sees. */
const SOURCES = [
  "check/core/judge.ts",
  "check/core/judge_addresses.ts",
  "cli/reload.ts",
  "ops/events.ts",
  "ops/logs.ts",
  "ops/refusals.ts",
  "ops/router_answer.ts",
  "ops/serve.ts",
  "ops/systemd.ts",
  "router/core/pcp.ts",
  "signaling/codes.ts",
  "signaling/messages.ts",
  "signaling/protocol.ts",
  "tls/events.ts",
  "turn/core/allocate.ts",
  "turn/core/allocations.ts",
  "turn/core/authenticate.ts",
  "turn/supervisor.ts",
  "web/pages/tester/diagnosis.js",
  "web/pages/tester/nat.js",
];

/** Texts that are no program's words: what a person types, and names of the documents. */
const TYPED =
  /^(user|sudo|systemctl|journalctl|http|HEARTH_|iceTransport|Upgrade|\/readyz|hearth_)/;

Deno.test("what troubleshooting.md quotes is what the program says", () => {
  // A sentence may be cut over lines, and have values in it.
  const said = SOURCES.map(read).join("\n").replaceAll(/["`]\s*\+\s*["`]/g, "");
  const quotes = Array.from(
    read("docs/troubleshooting.md").matchAll(/`([^`\n]+)`/g),
    ([, it]) => it,
  )
    .filter((quote) => quote !== undefined && !TYPED.test(quote));
  ok(quotes.length > 30);
  const pieces = quotes.flatMap((quote) =>
    (quote ?? "").split(/…|TURN \d+|\d[\d.]*\d(?:\/tcp)?|HEARTH_\w+/)
      .map((piece) => piece.replaceAll(/^[\s:;,.=]+|[\s:;,.=]+$/g, ""))
  );
  deepEqual(pieces.filter((piece) => !said.includes(piece)), []);
});
