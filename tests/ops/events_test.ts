import { deepEqual, equal } from "node:assert/strict";
import { eventLog, startLogs, stopLogs } from "../../ops/mod.ts";

/** The lines that one event of the part `turn` comes to, without its time. */
function logged(
  event: { kind: string },
  format: "text" | "json",
  level: "debug" | "info" = "debug",
) {
  const lines: string[] = [];
  startLogs({ level, format, write: (line) => lines.push(line) });
  eventLog("turn")(event);
  stopLogs();
  return lines;
}

Deno.test("an event is one line of text: its kind, then its values, a stranger's in quotes", () => {
  const [line = ""] = logged(
    { kind: "refused", code: 403, user: "eve\nadmin=1 \u202e", why: "no" } as { kind: string },
    "text",
  );
  equal(
    line.slice(line.indexOf("[")),
    '[INFO] hearth.turn: refused code=403 user="eve\\nadmin=1 \\u202e" why=no\n',
  );
});

Deno.test("an event is one JSON object with its values as fields", () => {
  const [line = ""] = logged({ kind: "refused", code: 403 } as { kind: string }, "json");
  const { "@timestamp": _, ...rest } = JSON.parse(line);
  deepEqual(rest, { level: "INFO", message: "refused", logger: "hearth.turn", code: 403 });
});

Deno.test("a challenge is no news, a defect is an error", () => {
  deepEqual(logged({ kind: "refused", code: 401 } as { kind: string }, "json", "info"), []);
  equal(JSON.parse(logged({ kind: "failed" }, "json")[0] ?? "").level, "ERROR");
});
