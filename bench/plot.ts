import type { Report, Row, ScenarioReport } from "./contest.ts";

const WIDTH = 720;
const NAMES_WIDTH = 130;
const FIGURES_WIDTH = 150;
const BARS_WIDTH = WIDTH - NAMES_WIDTH - FIGURES_WIDTH;
const TITLE_HEIGHT = 34;
const BAR_HEIGHT = 26;
const MARGIN = 12;

/** CPU time for each packet as bars with the quartiles as whiskers, one panel for each scenario. */
export function plotOf({ scenarios, reference, settings }: Report): string {
  const parts: string[] = [];
  let y = MARGIN;
  for (const scenario of scenarios.filter(({ rows }) => rows.length > 0)) {
    parts.push(panel(scenario, reference, y));
    y += TITLE_HEIGHT + BAR_HEIGHT * scenario.rows.length + MARGIN;
  }
  const { clients, rate, rounds, seconds } = settings;
  const note = `${clients} clients, ${rate} packets/s of 160 bytes, ` +
    `median and quartiles of ${rounds} rounds of ${seconds} s`;
  parts.push(text(MARGIN, y + 10, note, `class="note"`));
  // It is read on light pages and dark ones: colours that are seen on both.
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 24}" role="img"
 aria-label="CPU time of the server for each packet" font-family="system-ui, sans-serif" font-size="13">
<style>text{fill:#555}.note{font-size:11px}.title{font-weight:600}@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>
${parts.join("\n")}
</svg>
`;
}

function panel({ name, unit, rows }: ScenarioReport, reference: string, top: number): string {
  const most = Math.max(...rows.map(({ cpuMicros }) => cpuMicros.high));
  const title = text(MARGIN, top + 16, `${name}: CPU µs for each ${unit}`, `class="title"`);
  const bars = rows.map((row, i) =>
    bar(row, reference, top + TITLE_HEIGHT + i * BAR_HEIGHT, BARS_WIDTH / most)
  );
  return [title, ...bars].join("\n");
}

function bar(row: Row, reference: string, top: number, scale: number): string {
  const { name, cpuMicros: { median, low, high }, ratio } = row;
  const middle = top + BAR_HEIGHT / 2;
  const colour = name.startsWith("hearth") ? "#d97706" : "#8a8f98";
  const at = (value: number) => (NAMES_WIDTH + value * scale).toFixed(1);
  const times = ratio && name !== reference ? ` · ${ratio.median.toFixed(2)} × ${reference}` : "";
  return [
    text(NAMES_WIDTH - 8, middle + 4, name, `text-anchor="end"`),
    `<rect x="${NAMES_WIDTH}" y="${top + 4}" width="${(median * scale).toFixed(1)}" ` +
    `height="${BAR_HEIGHT - 8}" fill="${colour}"/>`,
    `<path d="M${at(low)} ${middle}H${at(high)}" stroke="#333" stroke-width="2"/>`,
    text(Number(at(high)) + 6, middle + 4, `${median.toFixed(1)}${times}`),
  ].join("\n");
}

function text(x: number, y: number, content: string, attributes = ""): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}
