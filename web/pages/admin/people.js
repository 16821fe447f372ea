/** Who is here, and who may come. */
import { copyText, find } from "../dom.js";
import { carryOut, fill } from "./acts.js";
import { get, post } from "./session.js";

const DAY_SECONDS = 86_400;
const WEEK = { seconds: 7 * DAY_SECONDS };

/** @typedef {{ room: string, id: string, name?: string, subject: string, here: boolean, address?: string, access: keyof typeof OPEN_TO }} Present */

const OPEN_TO = { open: "everybody", locked: "nobody", password: "who has the password" };

export async function showOnline() {
  /** @type {{ online: Present[] }} */
  const { online } = await get("online");
  const rooms = Map.groupBy(online, ({ room }) => room);
  fill(
    "#rooms",
    [...rooms],
    ([room, peers]) => [room, peers.length, peers[0] && OPEN_TO[peers[0].access]],
    ([room, peers]) => [lock(room, peers), close(room, peers)],
  );
  fill(
    "#players",
    online,
    ({ name, id, here, room, subject, address }) => [
      `${name ?? id}${here ? "" : " (away)"}`,
      room,
      subject,
      address,
    ],
    (player) => [kick(player), ban(player)],
  );
}

/** @param {string} room @param {Present[]} peers */
function lock(room, peers) {
  const isOpen = peers[0]?.access === "open";
  return {
    label: isOpen ? "Lock" : "Unlock",
    question: isOpen
      ? `Lock room ${room}? Nobody comes in any more; who is in it stays.`
      : `Unlock room ${room}? Everybody may come in again, without a password.`,
    run: async () => {
      await post(`rooms/${encodeURIComponent(room)}/${isOpen ? "lock" : "unlock"}`);
      await showOnline();
    },
  };
}

/** @param {string} room @param {Present[]} peers */
function close(room, peers) {
  return {
    label: "Close",
    question: `Close room ${room}? All ${peers.length} in it are removed; they may come back.`,
    run: async () => {
      for (const { subject } of peers) await post("kick", { subject });
      await showOnline();
    },
  };
}

/** @param {Present} player */
function kick({ name, id, subject }) {
  return {
    label: "Kick",
    question: `Kick ${name ?? id}? What it has here ends; it may come back.`,
    run: async () => {
      await post("kick", { subject });
      await showOnline();
    },
  };
}

/** A guest has no account: its address is banned. @param {Present} player */
function ban({ name, id, subject, address }) {
  const user = /^user\.(.+)$/.exec(subject)?.[1];
  return {
    label: "Ban",
    question: user === undefined
      ? `Ban the address ${address} of ${name ?? id} for a week?`
      : `Ban the account ${user} for a week?`,
    run: async () => {
      if (user === undefined) await post("bans", { network: address, ...WEEK });
      else await post(`users/${encodeURIComponent(user)}/ban`, WEEK);
      await Promise.all([showOnline(), showBans(), showAccounts()]);
    },
  };
}

export async function showBans() {
  /** @type {{ bans: { network: string, until: number }[] }} */
  const { bans } = await get("bans");
  fill("#bans", bans, ({ network, until }) => [network, time(until)], ({ network }) => [{
    label: "Lift",
    question: `Let players from ${network} in again?`,
    run: async () => {
      await post("bans/remove", { network });
      await showBans();
    },
  }]);
}

export async function showInvites() {
  /** @type {{ invites: { id: number, madeBy: string, expiresAt: number, usedBy?: string }[] }} */
  const { invites } = await get("invites");
  fill(
    "#invites",
    invites,
    ({ id, madeBy, expiresAt, usedBy }) => [id, madeBy, time(expiresAt), usedBy],
    ({ id, usedBy }) =>
      usedBy !== undefined ? [] : [{
        label: "Withdraw",
        question: `Withdraw invitation ${id}? Its link opens nothing any more.`,
        run: async () => {
          await post(`invites/${id}/withdraw`);
          await showInvites();
        },
      }],
  );
}

/** @typedef {{ id: string, name: string, role: "host" | "player", disabled: boolean, bannedUntil?: number }} User */

export async function showAccounts() {
  /** @type {{ users: User[] }} */
  const { users } = await get("users");
  fill(
    "#accounts",
    users,
    ({ name, role, disabled, bannedUntil }) => [name, role, stateOf(disabled, bannedUntil)],
    ({ id, name, role, disabled, bannedUntil }) => {
      /** @param {string} label @param {string} question @param {string} word @param {object} [body] */
      const act = (label, question, word, body) => ({
        label,
        question,
        run: async () => {
          await post(`users/${encodeURIComponent(id)}/${word}`, body);
          await showAccounts();
        },
      });
      const other = role === "host" ? "player" : "host";
      return [
        bannedUntil !== undefined
          ? act("Unban", `Let ${name} in again?`, "unban")
          : disabled
          ? act("Enable", `Let ${name} log in again?`, "enable")
          : act("Disable", `Disable ${name}? What it has here ends.`, "disable"),
        act(`Make ${other}`, `Make ${name} a ${other}?`, "role", { role: other }),
      ];
    },
  );
}

/** @param {boolean} disabled @param {number | undefined} bannedUntil */
function stateOf(disabled, bannedUntil) {
  if (bannedUntil !== undefined) return `banned until ${time(bannedUntil)}`;
  return disabled ? "disabled" : "good";
}

/** @param {number} ms */
export function time(ms) {
  return new Date(ms).toLocaleString();
}

find("#bans form").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const network = String(form.get("network")).trim();
  const days = Number(form.get("days"));
  carryOut({
    label: "Ban",
    question: `Ban ${network} for ${days} days? Who is here from there is removed.`,
    run: async () => {
      await post("bans", { network, seconds: days * DAY_SECONDS });
      await Promise.all([showBans(), showOnline()]);
    },
  });
});

find("#invites form").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
  carryOut({
    label: "Invitation",
    run: async () => {
      const { path } = await post("invites", { seconds: Number(form.get("days")) * DAY_SECONDS });
      find("#invitation code").textContent = new URL(path, location.href).href;
      find("#invitation").hidden = false;
      await showInvites();
    },
  });
});
find("#invitation button").addEventListener(
  "click",
  () => copyText(find("#invitation code"), find("#invitation [role=status]")),
);
