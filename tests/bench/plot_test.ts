import { deepEqual, equal, match } from "node:assert/strict";
import type { Report, Row } from "../../bench/contest.ts";
import { plotOf } from "../../bench/plot.ts";
import { markdownOf } from "../../bench/report.ts";

function row(name: string, median: number, ratio?: number): Row {
  return {
    name,
    sent: 10,
    received: 9,
    cpuMicros: { median, low: median / 2, high: median * 2 },
    ...(ratio !== undefined && { ratio: { median: ratio, low: ratio, high: ratio } }),
    figures: { "longest ms": { median: 3, low: 2, high: 4 } },
    rssMiB: 1,
  };
}

const REPORT: Report = {
  name: "relay",
  reference: "coturn",
  settings: { rounds: 6, seconds: 5, clients: 50, rate: 5_000 },
  scenarios: [
    { name: "a < b", unit: "packet", rows: [row("hearth, fast", 5, 0.5), row("coturn", 10, 1)] },
    { name: "nobody could", unit: "packet", rows: [] },
  ],
  absent: [],
};

Deno.test("bars are as long as their medians, and the longest whisker ends the scale", () => {
  const plot = plotOf(REPORT);
  const widths = [...plot.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) =>
    Number(width)
  );
  equal(widths.length, 2);
  equal(Math.round((widths[1] ?? 0) / (widths[0] ?? 0)), 2);
  const ends = [...plot.matchAll(/H([\d.]+)"/g)].map(([, x]) => Number(x));
  deepEqual(ends, [130 + 440 / 2, 130 + 440]);
});

Deno.test("a plot says the ratio to the reference, and escapes what it quotes", () => {
  const plot = plotOf(REPORT);
  match(plot, />5\.0 · 0\.50 × coturn</);
  match(plot, />10\.0</);
  match(plot, /a &lt; b/);
});

Deno.test("a page has each figure in a column of its own", () => {
  const lines = markdownOf(REPORT).split("\n");
  const header = lines.find((line) => line.startsWith("| a < b")) ?? "";
  const fast = lines.find((line) => line.startsWith("| hearth, fast")) ?? "";
  const column = header.split(" | ").indexOf("longest ms");
  equal(fast.split(" | ")[column], "3.00 [2.00–4.00]");
});
