import type { Report, Row } from "./contest.ts";
import { withSpread } from "./stats.ts";
import { markdownTable, table } from "./table.ts";

/** A report for people: a table for each scenario, then who was left out and why. */
export function textOf(report: Report): string {
  return render(report, table);
}

/** The same as Markdown, for a document. */
export function markdownOf(report: Report): string {
  return `# ${report.name}\n\n![](${report.name}.svg)\n\n${render(report, markdownTable)}\n`;
}

function render(
  { name, reference, settings, pace, scenarios, absent }: Report,
  tableOf: typeof table,
): string {
  const { clients, rate, rounds, seconds } = settings;
  const machine = `${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}`;
  const load = pace ?? `${rate} a second in all`;
  const intro = [
    `${name}: ${clients} clients, ${load}, ${rounds} rounds of ${seconds} s (${machine})`,
    "CPU is the server's own, user and system; medians, with the quartiles of the rounds in brackets.",
  ];
  const tables = scenarios.filter(({ rows }) => rows.length > 0).map((scenario) => {
    const figures = Object.keys(scenario.rows[0]?.figures ?? {});
    const header = [
      scenario.name,
      `${scenario.unit}s`,
      "lost",
      `CPU µs/${scenario.unit}`,
      `× ${reference}`,
      "p50 ms",
      "p99 ms",
      ...figures,
      "RSS MiB",
    ];
    return tableOf(header, scenario.rows.map((row) => cellsOf(row, figures)));
  });
  const left = absent.map(({ name, reason }) => `Left out: ${name}: ${reason}`);
  return [intro.join("\n"), ...tables, left.join("\n")].filter(Boolean).join("\n\n");
}

function cellsOf(row: Row, figures: readonly string[]): string[] {
  const lost = row.sent - row.received;
  return [
    row.name,
    String(row.received),
    lost === 0 ? "0" : `${lost} (${(100 * lost / row.sent).toFixed(2)} %)`,
    withSpread(row.cpuMicros, 1),
    row.ratio ? withSpread(row.ratio, 2) : "-",
    row.delay?.p50.toFixed(2) ?? "-",
    row.delay?.p99.toFixed(2) ?? "-",
    ...figures.map((name) => row.figures?.[name] ? withSpread(row.figures[name], 2) : "-"),
    row.rssMiB.toFixed(0),
  ];
}
