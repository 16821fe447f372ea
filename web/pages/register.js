import { find } from "./dom.js";

/**
 * Shows the form by which an invited person makes an account. The token stays in the page: it is
 * taken out of the address, so that no bookmark or shared link gives it away.
 *
 * @param {string} invite
 */
export function offerAccount(invite) {
  history.replaceState(null, "", location.pathname);
  const section = find("#register");
  const form = /** @type {HTMLFormElement} */ (find("form", section));
  const status = find("[role=status]", section);
  section.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const login = find("#name", form);
    const password = find("#password", form);
    status.textContent = "Making your account…";
    const made = await register(value(login), value(password), invite);
    status.textContent = made.message;
    if (made.kind === "done") form.hidden = true;
  });
}

/**
 * @param {string} login
 * @param {string} password
 * @param {string} invite
 * @returns {Promise<{ kind: "done" | "refused", message: string }>}
 */
async function register(login, password, invite) {
  try {
    const response = await fetch("/api/register", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ login, password, invite }),
    });
    const { user, error } = await response.json();
    if (!response.ok) return { kind: "refused", message: error.message };
    return {
      kind: "done",
      message: `${user.name}, your account is ready: log in with it in the game.`,
    };
  } catch {
    return { kind: "refused", message: "The server cannot be reached: try again." };
  }
}

/** @param {HTMLElement} input */
function value(input) {
  return /** @type {HTMLInputElement} */ (input).value;
}
