/** The measurement as it goes: what comes through each second, and what share is lost. */
import { find } from "../dom.js";
import uPlot from "../uplot.js";
import { rateText } from "./report.js";

/** @typedef {import("./flow.js").FlowSample} FlowSample */

const HEIGHT = 180;

/** @type {[number[], number[], number[]]} */
let columns = [[], [], []];
/** @type {uPlot | undefined} */
let plot;

/** @param {number} seconds that the measurement takes */
export function startPlot(seconds) {
  columns = [[], [], []];
  plot?.destroy();
  const area = find("#plot");
  area.hidden = false;
  find("#flow .now").hidden = false;
  plot = makePlot(area, seconds);
}

/** @param {FlowSample} sample */
export function drawSample({ seconds, bitsPerSecond, loss }) {
  columns[0].push(seconds);
  columns[1].push(bitsPerSecond / 1e6);
  columns[2].push(loss * 100);
  plot?.setData(columns);
  const now = `${rateText(bitsPerSecond)}, ${(loss * 100).toFixed(1)} % lost`;
  find("#flow .now").textContent = `After ${seconds.toFixed(1)} s: ${now}`;
  find("#plot").ariaLabel = `Throughput in ${columns[0].length} samples: least ${
    rateText(1e6 * Math.min(...columns[1]))
  }, most ${rateText(1e6 * Math.max(...columns[1]))}; loss at most ${
    Math.max(...columns[2]).toFixed(1)
  } %`;
}

/** @param {HTMLElement} area @param {number} seconds */
function makePlot(area, seconds) {
  const ink = () => style("--soft");
  const grid = { stroke: () => style("--line"), width: 1 };
  const made = new uPlot(
    {
      width: area.clientWidth,
      height: HEIGHT,
      cursor: { show: false },
      legend: { live: false },
      scales: {
        x: { time: false, range: [0, seconds] },
        y: { range: (_, _least, most) => [0, Math.max(most * 1.1, 1)] },
        "%": { range: (_, _least, most) => [0, Math.max(most * 1.1, 5)] },
      },
      axes: [
        { stroke: ink, grid, values: (_, all) => all.map((at) => `${at} s`) },
        { stroke: ink, grid, size: 44 },
        { stroke: ink, grid: { show: false }, side: 1, scale: "%", size: 36 },
      ],
      series: [
        {},
        { label: "Mbit/s", stroke: () => style("--link"), width: 1.5, points: { show: false } },
        {
          label: "% lost",
          scale: "%",
          stroke: () => style("--good"),
          width: 1.5,
          dash: [6, 4],
          points: { show: false },
        },
      ],
    },
    columns,
    area,
  );
  return made;
}

new ResizeObserver(([entry]) => {
  if (entry) plot?.setSize({ width: entry.contentRect.width, height: HEIGHT });
}).observe(find("#plot"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot?.redraw());

/** @param {string} name */
function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
