/** What the page shows, and the states in its `data-` attributes that tests read. */
import { find } from "../dom.js";
import { splitPriority } from "./ice.js";

/** @typedef {import("./ice.js").Transport} Transport */
/** @typedef {import("./diagnosis.js").Candidate} Candidate */
/** @typedef {import("./diagnosis.js").IceError} IceError */

for (const transport of ["udp", "tcp"]) {
  const template = /** @type {HTMLTemplateElement} */ (find("#candidates"));
  find(`#${transport}`).append(template.content.cloneNode(true));
  find(`#${transport} .wide`).ariaLabel = `Candidates over ${transport.toUpperCase()}`;
}

/**
 * Empties the tables of an earlier run.
 *
 * @param {Transport} transport
 */
export function clearPath(transport) {
  find(`#${transport} tbody`).replaceChildren();
  find(`#${transport} .errors`).replaceChildren();
  showChannel(transport, "idle", "");
}

/**
 * @param {Transport} transport
 * @param {Candidate} candidate
 */
export function showCandidate(transport, candidate) {
  find(`#${transport} tbody`).append(candidateRow(transport, candidate));
}

/**
 * @param {Transport} transport
 * @param {IceError} error
 */
export function showError(transport, { code, url, text }) {
  const item = document.createElement("li");
  item.textContent = `${code} ${url} ${text}`;
  find(`#${transport} .errors`).append(item);
}

/**
 * @param {readonly import("./diagnosis.js").Finding[]} findings
 * @param {string} report
 */
export function showFindings(findings, report) {
  find("#findings").replaceChildren(...findings.map(findingItem));
  find("#report").textContent = report;
}

/**
 * @param {Transport} transport
 * @param {Candidate} candidate
 */
function candidateRow(transport, candidate) {
  const { type, protocol, relayProtocol, address, port, priority, ms } = candidate;
  const row = document.createElement("tr");
  const { type: typePart, local, component } = splitPriority(priority ?? 0);
  // Chromium leaves `relayProtocol` out for UDP.
  const toRelay = type === "relay" ? relayProtocol ?? transport : "";
  row.dataset.type = `${type}`;
  row.dataset.relayProtocol = toRelay;
  for (
    const cell of [
      `${Math.round(ms)} ms`,
      type,
      protocol,
      toRelay,
      address,
      port,
      priority,
      `${typePart} | ${local} | ${component}`,
    ]
  ) {
    row.insertCell().textContent = `${cell ?? ""}`;
  }
  return row;
}

/** @param {import("./diagnosis.js").Finding} finding */
function findingItem({ code, level, what, todo }) {
  const item = document.createElement("li");
  item.dataset.code = code;
  item.dataset.level = level;
  const strong = document.createElement("strong");
  strong.textContent = what;
  item.append(strong, ` ${todo}`);
  return item;
}

/**
 * @param {string} section
 * @param {"waiting" | "ok" | "failed" | "off"} state
 * @param {string} text
 */
export function showVerdict(section, state, text) {
  find(section).dataset.state = state;
  find(`${section} .verdict`).textContent = text;
}

/**
 * @param {Transport} transport
 * @param {"idle" | "waiting" | "ok" | "failed"} state
 * @param {string} text
 */
export function showChannel(transport, state, text) {
  const line = find(`#${transport} .channel`);
  line.dataset.state = state;
  line.textContent = text;
}

/**
 * @param {"running" | "done" | "login" | "failed"} state
 * @param {string} text
 */
export function enterState(state, text) {
  const main = find("#tester");
  main.dataset.state = state;
  find("#status").textContent = text;
  for (const button of main.querySelectorAll("#run, form button")) {
    button.toggleAttribute("disabled", state === "running");
  }
}
