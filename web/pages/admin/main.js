import { find } from "../dom.js";
import { carryOut, fill } from "./acts.js";
import { follow } from "./live.js";
import { showHistory, showSample } from "./numbers.js";
import { showAccounts, showBans, showInvites, showOnline } from "./people.js";
import { showAudit } from "./server.js";
import { forget, logIn, logOut, resume } from "./session.js";

/** Who is here is asked anew with one sample of so many. */
const SAMPLES_PER_LOOK = 3;

/** @param {"login" | "connecting" | "live" | "gone"} state @param {string} text */
function enterState(state, text) {
  find("#admin").dataset.state = state;
  find("#status").textContent = text;
  find("#login").hidden = state !== "login";
  if (state === "login") find("#house").hidden = true;
  if (state === "live") find("#house").hidden = false;
}

async function follows() {
  enterState("connecting", "Asking the server…");
  let samples = 0;
  await follow({
    onEvent(event, data) {
      if (event === "history") {
        enterState("live", "Connected: numbers come each second.");
        showHistory(data);
        look();
        return;
      }
      showSample(data.now);
      showRefusals(data.refusals);
      if (++samples % SAMPLES_PER_LOOK === 0) showOnline().catch(() => {});
    },
    onGone() {
      if (find("#admin").dataset.state === "gone") return;
      enterState("gone", "The server does not answer: this page tries again until it does.");
    },
    onEnd(message) {
      forget();
      enterState("login", message);
    },
  });
}

/** What does not change by itself. A server that went away meanwhile is told by its stream. */
function look() {
  for (const show of [showOnline, showBans, showInvites, showAccounts, showAudit]) {
    show().catch(() => {});
  }
}

/** @param {{ part: string, reason: string, count: number }[]} refusals */
function showRefusals(refusals) {
  fill("#refusals", refusals, ({ part, reason, count }) => [part, reason, count]);
}

find("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const element = /** @type {HTMLFormElement} */ (event.target);
  const form = new FormData(element);
  find("#status").textContent = "Logging in…";
  try {
    await logIn(String(form.get("login")).trim(), String(form.get("password")));
  } catch (error) {
    return enterState("login", error instanceof Error ? error.message : String(error));
  }
  element.reset();
  await follows();
});
find("#logout").addEventListener("click", () => carryOut({ label: "Log out", run: logOut }));

try {
  if (await resume()) await follows();
  else enterState("login", "Log in with the account of a host.");
} catch {
  enterState("login", "The server does not answer: log in when it does.");
}
