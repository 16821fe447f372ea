import { connect } from "./connect.js";
import { copyText, find } from "./dom.js";
import { showQr } from "./qr.js";
import { offerAccount } from "./register.js";

const room = find("#room");
const status = find("#status");
const code = /** @type {HTMLInputElement} */ (find("#code"));
const text = /** @type {HTMLInputElement} */ (find("#text"));
/** @type {Map<string, RTCDataChannel>} */
const players = new Map();

/** @param {string} line */
function show(line) {
  const item = document.createElement("li");
  item.textContent = line;
  find("#chat").append(item);
}

function countPlayers() {
  room.dataset.players = `${players.size}`;
  status.textContent = players.size === 0
    ? "You are alone here."
    : `Connected to ${players.size} other${players.size === 1 ? "" : "s"}.`;
}

function enter() {
  find("#join").hidden = true;
  status.textContent = "Entering…";
  const leave = connect(code.value.trim(), {
    onJoined(name) {
      room.dataset.state = "joined";
      location.hash = name;
      const link = /** @type {HTMLAnchorElement} */ (find("#link"));
      link.href = location.href;
      link.textContent = location.href;
      showQr("#qr", location.href);
      find("#share").hidden = false;
      find("#say").hidden = false;
      countPlayers();
    },
    onChannel(id, channel) {
      channel.onopen = () => {
        players.set(id, channel);
        countPlayers();
      };
      channel.onclose = () => {
        if (players.get(id) === channel) players.delete(id);
        countPlayers();
      };
      channel.onmessage = ({ data }) => show(`${id}: ${data}`);
    },
    onError(message) {
      leave();
      room.dataset.state = "failed";
      status.textContent = message;
      find("#join").hidden = false;
      find("#say").hidden = true;
    },
  });
}

find("#join").addEventListener("submit", (event) => {
  event.preventDefault();
  enter();
});
find("#say").addEventListener("submit", (event) => {
  event.preventDefault();
  if (text.value === "") return;
  for (const channel of players.values()) channel.send(text.value);
  show(`You: ${text.value}`);
  text.value = "";
});
find("#copy").addEventListener("click", () => copyText(find("#snippet"), find("#copied")));

const hash = decodeURIComponent(location.hash.slice(1));
const invite = /^invite=(.*)$/.exec(hash)?.[1];
if (invite !== undefined) offerAccount(invite);
else code.value = hash;
if (code.value) enter();

const source = await fetch("/connect.js");
find("#snippet").textContent = await source.text();
