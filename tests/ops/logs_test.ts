import assert from "node:assert/strict";
import { logger, type LogSettings, startLogs, stopLogs } from "../../ops/mod.ts";

function logging(
  settings: Partial<LogSettings>,
  act: (log: ReturnType<typeof logger>, lines: string[]) => void,
): string[] {
  const lines: string[] = [];
  startLogs({
    level: "info",
    format: "text",
    clock: () => 0,
    write: (line) => lines.push(line),
    ...settings,
  });
  try {
    act(logger("turn"), lines);
  } finally {
    stopLogs();
  }
  return lines;
}

Deno.test("a line says when, how grave, from which part and what", () => {
  const [line = ""] = logging({}, (log) => log.warn("ended", { port: 3478 }));
  assert.match(
    line,
    /^\d{4}-\d\d-\d\dT[\d:.]+Z \[WARNING\] hearth\.turn: ended port=3478\n$/,
  );
});

Deno.test("JSON is one object a line", () => {
  const [line = ""] = logging(
    { format: "json" },
    (log) => log.error("lost", { room: "a\nb" }),
  );
  assert.equal(line.indexOf("\n"), line.length - 1);
  const { "@timestamp": _, ...rest } = JSON.parse(line);
  assert.deepEqual(rest, {
    level: "ERROR",
    message: "lost",
    logger: "hearth.turn",
    room: "a\nb",
  });
});

Deno.test("what is less severe than the level is not written", () => {
  const lines = logging({ level: "warning" }, (log) => {
    log.info("no");
    log.warn("yes");
  });
  assert.equal(lines.length, 1);
});

Deno.test("a stranger's text can neither forge a line nor colour the terminal", () => {
  const [line = "", ...more] = logging(
    {},
    (log) => log.info("hello", { name: "a\n2026 [FATAL] x\x1b[31m \x9b31m \u202e" }),
  );
  assert.deepEqual(more, []);
  assert.equal(line.indexOf("\n"), line.length - 1);
  for (const power of ["\x1b", "\x9b", "\u202e"]) assert(!line.includes(power));
});

Deno.test("five lines of one message pass in ten seconds; the rest is counted with the next", () => {
  let now = 0;
  const lines = logging({ clock: () => now }, (log) => {
    for (let i = 0; i < 5; i++) log.info("refused", { name: i });
    for (let i = 0; i < 995; i++) log.info("refused", { name: i });
    log.info("Something else");
    now = 10_000;
    log.info("refused", { name: "last" });
  });
  assert.equal(lines.length, 8);
  assert.match(lines[5] ?? "", /Something else/);
  assert.match(lines[6] ?? "", /folded like=refused times=995/);
  assert.match(lines[7] ?? "", /refused name=last/);
});

Deno.test("what is still only counted is written when logging stops", () => {
  const lines = logging({}, (log) => {
    for (let i = 0; i < 6; i++) log.info("again");
  });
  assert.equal(lines.length, 6);
  assert.match(lines[5] ?? "", /folded like=again times=1/);
});

Deno.test("past 256 messages the one not seen for longest makes room, and its count is written", () => {
  const lines = logging({}, (log, lines) => {
    for (let i = 0; i < 6; i++) log.info("first");
    for (let i = 0; i < 255; i++) log.info(`template ${i}`);
    assert.equal(lines.length, 5 + 255);
    log.info("one too many");
    assert.match(lines.at(-2) ?? "", /folded like=first times=1/);
  });
  assert.equal(lines.length, 5 + 255 + 2);
});
