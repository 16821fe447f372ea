/** What the page shows, and the states in its `data-` attributes that tests read. */
import { find } from "../dom.js";
import { splitPriority, WAYS } from "./ice.js";

/** @typedef {import("./ice.js").Way} Way */
/** @typedef {import("./diagnosis.js").Candidate} Candidate */
/** @typedef {import("./diagnosis.js").IceError} IceError */

for (const { way, name } of WAYS) {
  const template = /** @type {HTMLTemplateElement} */ (find("#way"));
  const section = find(
    "section",
    /** @type {DocumentFragment} */ (template.content.cloneNode(true)),
  );
  section.id = way;
  section.ariaLabel = find("h2", section).textContent = `Over ${name}`;
  find(".wide", section).ariaLabel = `Candidates over ${name}`;
  find("#ways").append(section);
}

/**
 * Empties what an earlier run has left.
 *
 * @param {Way} way
 */
export function clearPath(way) {
  find(`#${way} tbody`).replaceChildren();
  find(`#${way} .errors`).replaceChildren();
  showChannel(way, "idle", "");
}

/**
 * @param {Way} way
 * @param {Candidate} candidate
 */
export function showCandidate(way, candidate) {
  find(`#${way} tbody`).append(candidateRow(candidate));
}

/**
 * @param {Way} way
 * @param {IceError} error
 */
export function showError(way, { code, url, text }) {
  const item = document.createElement("li");
  item.textContent = `${code} ${url} ${text}`;
  find(`#${way} .errors`).append(item);
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
 * @param {Candidate} candidate
 */
function candidateRow(candidate) {
  const { type, protocol, relayProtocol, address, port, priority, ms } = candidate;
  const row = document.createElement("tr");
  const { type: typePart, local, component } = splitPriority(priority ?? 0);
  // Chromium leaves `relayProtocol` out for UDP.
  const toRelay = type === "relay" ? relayProtocol ?? "udp" : "";
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

/** @param {readonly string[]} sentences */
export function showNat(sentences) {
  find("#nat .facts").replaceChildren(...sentences.map((sentence) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = sentence;
    return paragraph;
  }));
}

/**
 * @param {string} section
 * @param {"idle" | "waiting" | "ok" | "failed" | "off"} state
 * @param {string} text
 */
export function showVerdict(section, state, text) {
  find(section).dataset.state = state;
  find(`${section} .verdict`).textContent = text;
}

/**
 * @param {Way} way
 * @param {"idle" | "waiting" | "ok" | "failed"} state
 * @param {string} text
 */
export function showChannel(way, state, text) {
  const line = find(`#${way} .channel`);
  line.dataset.state = state;
  line.textContent = text;
}

/**
 * @param {"running" | "done" | "login" | "failed" | "gone"} state
 * @param {string} text
 */
export function enterState(state, text) {
  const main = find("#tester");
  main.dataset.state = state;
  find("#status").textContent = text;
  for (const button of main.querySelectorAll("#run, form button")) {
    button.toggleAttribute("disabled", state === "running" || state === "gone");
  }
}
