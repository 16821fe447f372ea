/** What a host does: asked for where it hurts somebody, and said how it went. */
import { find } from "../dom.js";

/**
 * @typedef {object} Act
 * @property {string} label
 * @property {string} [question] asked first
 * @property {() => Promise<unknown>} run
 */

const dialog = /** @type {HTMLDialogElement} */ (find("#confirm"));
for (const button of dialog.querySelectorAll("button")) {
  button.addEventListener("click", () => dialog.close(button.value));
}

/** @param {Act} act @returns {Promise<boolean>} whether it was done */
export async function carryOut({ label, question, run }) {
  if (question !== undefined && !await confirmed(question)) return false;
  const said = find("#said");
  try {
    await run();
    said.textContent = `${label}: done.`;
    return true;
  } catch (error) {
    said.textContent = `${label}: ${error instanceof Error ? error.message : error}`;
    return false;
  }
}

/** @param {string} question */
function confirmed(question) {
  find("#question").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true })
  );
}

/** The JSON of the rows that each table shows. @type {Map<string, string>} */
const filled = new Map();

/**
 * Shows rows in the table of a section. Where they are the ones shown already, nothing is touched:
 * a button keeps its focus.
 *
 * @template T
 * @param {string} section
 * @param {readonly T[]} rows
 * @param {(row: T) => readonly unknown[]} cellsOf the first names the row
 * @param {(row: T) => readonly Act[]} [actsOf]
 */
export function fill(section, rows, cellsOf, actsOf) {
  const text = JSON.stringify(rows);
  if (filled.get(section) === text) return;
  filled.set(section, text);
  find(`${section} tbody`).replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    const cells = cellsOf(row);
    for (const cell of cells) line.insertCell().textContent = `${cell ?? ""}`;
    if (actsOf) line.insertCell().append(...actsOf(row).map((act) => buttonFor(act, cells[0])));
    return line;
  }));
}

/** @param {Act} act @param {unknown} name */
function buttonFor(act, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = act.label;
  button.ariaLabel = `${act.label} ${name}`;
  button.addEventListener("click", () => carryOut(act));
  return button;
}
