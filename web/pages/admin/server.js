/** The server itself: what the check finds, what was done, and its end. */
import { find } from "../dom.js";
import { carryOut, fill } from "./acts.js";
import { time } from "./people.js";
import { get, post } from "./session.js";

/** @typedef {{ level: string, what: string, seen: string, breaks?: string, todo?: string }} Finding */
/** @typedef {{ id: number, at: number, by: string, action: string, target: string, detail?: string }} Line */

/** @type {number | undefined} */
let oldest;

/** Lines older than the one of that id; the newest where there is none. @param {number} [before] */
export async function showAudit(before) {
  /** @type {{ audit: Line[] }} */
  const { audit } = await get(`audit?limit=20${before === undefined ? "" : `&before=${before}`}`);
  oldest = audit.at(-1)?.id;
  find("#older").toggleAttribute("disabled", oldest === undefined);
  fill(
    "#audit",
    audit,
    ({ at, by, action, target, detail }) => [time(at), by, action, target, detail],
  );
}

async function check() {
  const status = find("#check [role=status]");
  const button = find("#check button");
  button.toggleAttribute("disabled", true);
  status.textContent = "Looking; it takes some seconds…";
  try {
    /** @type {{ findings: Finding[] }} */
    const { findings } = await get("check");
    find("#check ul").replaceChildren(...findings.map(findingItem));
    const wrong = findings.filter(({ level }) => ["warning", "broken"].includes(level)).length;
    status.textContent = wrong === 0 ? "All well." : `${wrong} to look at.`;
  } catch (error) {
    status.textContent = error instanceof Error ? error.message : String(error);
  } finally {
    button.toggleAttribute("disabled", false);
  }
}

/** @param {Finding} finding */
function findingItem({ level, what, seen, breaks, todo }) {
  const item = document.createElement("li");
  item.dataset.level = level;
  const strong = document.createElement("strong");
  strong.textContent = `${level}: ${what}`;
  item.append(strong, ` ${[breaks, todo, `(${seen})`].filter(Boolean).join(" ")}`);
  return item;
}

find("#check button").addEventListener("click", check);
find("#newest").addEventListener(
  "click",
  () => carryOut({ label: "Newest", run: () => showAudit() }),
);
find("#older").addEventListener(
  "click",
  () => carryOut({ label: "Older", run: () => showAudit(oldest) }),
);
find("#drain").addEventListener("click", () =>
  carryOut({
    label: "Stop",
    question: "Stop the server? Everybody is sent off. It starts again only where somebody, or " +
      "what keeps it as a service, starts it.",
    run: () => post("drain"),
  }));
