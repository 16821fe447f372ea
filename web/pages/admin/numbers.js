/** Each number as it is now, and its plot of the last hour. */
import { find } from "../dom.js";
import uPlot from "../uplot.js";

/** @typedef {Record<string, number | null>} Sample */

const HOUR_SECONDS = 3_600;
const HEIGHT = 110;

/** @param {number} value */
const count = (value) => value.toLocaleString("en", { maximumFractionDigits: 1 });
/** @param {number} value */
function bytes(value) {
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), 3);
  return `${count(value / 1000 ** power)} ${["B", "kB", "MB", "GB"][power]}`;
}
/** @param {number} value */
const percent = (value) => `${count(value * 100)} %`;

/** @type {readonly { name: string, title: string, text: (value: number) => string }[]} */
const NUMBERS = [
  { name: "rooms", title: "Rooms", text: count },
  { name: "players", title: "Players", text: count },
  { name: "allocations", title: "Relay allocations", text: count },
  { name: "relayBytes", title: "Relayed each second", text: bytes },
  { name: "relayPackets", title: "Relayed packets each second", text: count },
  { name: "passedBytes", title: "Over WebSocket each second", text: bytes },
  { name: "cpu", title: "Processor (100 % is one core)", text: percent },
  { name: "memory", title: "Memory", text: bytes },
  { name: "refusals", title: "Refusals each second", text: count },
];

/** @type {number[]} */
let times = [];
const shown = NUMBERS.map(makeNumber);

/** @param {Record<string, (number | null)[]>} columns */
export function showHistory(columns) {
  times = (columns.at ?? []).map((at) => Number(at) / 1000);
  for (const number of shown) number.values = columns[number.name] ?? [];
  draw();
}

/** @param {Sample} sample */
export function showSample(sample) {
  times.push(Number(sample.at) / 1000);
  for (const { name, values, value, text } of shown) {
    const now = sample[name] ?? null;
    values.push(now);
    value.textContent = now === null ? "down" : text(now);
  }
  while (Number(times[0]) < Number(times.at(-1)) - HOUR_SECONDS) {
    times.shift();
    for (const { values } of shown) values.shift();
  }
  if (!document.hidden) draw();
}

function draw() {
  for (const { title, plot, area, values, text } of shown) {
    plot.setData([times, values]);
    const known = values.filter((value) => value !== null);
    area.ariaLabel = known.length === 0
      ? `${title}: nothing yet`
      : `${title}, in the last hour: least ${text(Math.min(...known))}, most ${
        text(Math.max(...known))
      }`;
  }
}

/** @param {(typeof NUMBERS)[number]} number */
function makeNumber({ name, title, text }) {
  const template = /** @type {HTMLTemplateElement} */ (find("#number"));
  const figure = find("figure", /** @type {DocumentFragment} */ (template.content.cloneNode(true)));
  figure.dataset.name = name;
  find(".title", figure).textContent = title;
  find("#numbers").append(figure);
  const area = find(".plot", figure);
  area.ariaLabel = `${title}: nothing yet`;
  const ink = () => style("--soft");
  const grid = { stroke: () => style("--line"), width: 1 };
  const plot = new uPlot(
    {
      width: 240,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      axes: [
        { stroke: ink, grid, size: 24, space: 70, values: (_, at) => at.map(clock) },
        { stroke: ink, grid, size: 66, space: 30, values: (_, all) => all.map(text) },
      ],
      scales: { y: { range: (_, _least, most) => [0, most > 0 ? most * 1.1 : 1] } },
      series: [{}, { stroke: () => style("--link"), width: 1.5, points: { show: false } }],
    },
    [[], []],
    area,
  );
  new ResizeObserver(() => plot.setSize({ width: area.clientWidth, height: HEIGHT })).observe(area);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw());
  return {
    name,
    title,
    text,
    plot,
    area,
    value: find(".value", figure),
    /** @type {(number | null)[]} */
    values: [],
  };
}

/** @param {string} name */
function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** @param {number} seconds */
function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
  });
}
