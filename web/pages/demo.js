/**
 * Tag, for two to eight players: an example to copy for a game on Hearth's client library.
 *
 * - Everybody moves only themselves, and tells all others 60 times a second where they are. That goes
 *   unreliably: a lost position is not worth sending again, since the next one is newer.
 * - One player, the room's host, is the referee: it alone decides who is "it". That goes along with
 *   its positions, always whole, so that there is nothing to miss.
 * - So all know what the referee knows. When the host leaves, the server names another, and that one
 *   goes on from there.
 * - Lost connections, changed networks and a server that restarts are the library's business.
 */
// @ts-types="./client.d.ts"
import { connect, HearthError } from "./client.js";
import { showQr } from "./qr.js";

/** @typedef {import("./client.d.ts").Peer} Peer */
/** @typedef {import("./client.d.ts").Room} Room */
/** @typedef {ReturnType<typeof newPlayer>} Player */

const MOST_PLAYERS = 8;
const [WIDTH, HEIGHT, RADIUS] = [1000, 640, 36];
/** Units a second. Whoever is it is faster, or nobody would ever be caught. */
const [SPEED, SPEED_OF_IT] = [380, 440];
/** For how long after a tag there is no other. */
const PAUSE_MS = 1500;
const PATHS = { direct: "direct", relayed: "relayed here", server: "through the server" };

/** What demo.html surely holds. @param {string} selector @param {ParentNode} [within] */
function find(selector, within = document) {
  return /** @type {HTMLElement} */ (within.querySelector(selector));
}
const page = find("#demo");
/** Shows a line, which a screen reader reads out. @param {string} text */
const say = (text) => void (find("#status").textContent = text);

// --- Keyboard, mouse and finger ----------------------------------------------------------------

const canvas = /** @type {HTMLCanvasElement} */ (find("#field"));
/** @type {Set<string>} */
const keys = new Set();
/** Where the field is held. @type {{ x: number, y: number } | undefined} */
let finger;

canvas.addEventListener("keydown", (event) => {
  if (!/^(Arrow|Key[WASD])/.test(event.code) || event.ctrlKey || event.metaKey) return;
  event.preventDefault(); // The page would scroll.
  keys.add(event.code);
});
addEventListener("keyup", ({ code }) => keys.delete(code));
addEventListener("blur", () => keys.clear());
for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
  canvas.addEventListener(type, (event) => {
    const { buttons, offsetX, offsetY } = /** @type {PointerEvent} */ (event);
    const scale = WIDTH / canvas.clientWidth;
    finger = buttons ? { x: offsetX * scale, y: offsetY * scale } : undefined;
  });
}

/** Which way to go: a vector of length 1 or 0. @param {{ x: number, y: number }} from */
function heading(from) {
  /** @param {string[]} codes */
  const down = (...codes) => Number(codes.some((code) => keys.has(code)));
  let x = down("ArrowRight", "KeyD") - down("ArrowLeft", "KeyA");
  let y = down("ArrowDown", "KeyS") - down("ArrowUp", "KeyW");
  if (finger) [x, y] = [finger.x - from.x, finger.y - from.y];
  const length = Math.hypot(x, y);
  return length < (finger ? 5 : 1) ? { x: 0, y: 0 } : { x: x / length, y: y / length };
}

// --- Entering ----------------------------------------------------------------------------------

const form = /** @type {HTMLFormElement} */ (find("#join"));
/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement} */ (find(`[name=${name}]`, form));
field("room").value = decodeURIComponent(location.hash.slice(1));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  say("Entering…");
  try {
    await enter();
  } catch (error) {
    if (!(error instanceof HearthError)) throw error;
    say(error.message);
    if (error.code === "unauthorized") find("#account").hidden = false; // It wants a login.
  }
});

async function enter() {
  /** @param {string} name */
  const value = (name) => field(name).value.trim();
  const [name, code, path, login] = [value("name"), value("room"), value("path"), value("login")];
  const hearth = await connect({
    name,
    // The library finds the best path, unless a person wants to see one of the others.
    rtc: path === "server" ? false : { iceTransportPolicy: path === "relay" ? "relay" : "all" },
    ...(login && { login: { login, password: value("password") } }),
  });
  // `create`: after a restart of the server whoever is back first makes the room again.
  const room = code ? await hearth.join(code, { create: true }) : await hearth.createRoom();
  if (room.peers.size < MOST_PLAYERS) return play(room, name);
  room.leave();
  say(`There are ${MOST_PLAYERS} players in this room already.`);
}

// --- The game ----------------------------------------------------------------------------------

/** @param {Room} room @param {string} myName */
function play(room, myName) {
  /** By id. A Map, not an object: ids are strangers' words. @type {Map<string, Player>} */
  const players = new Map();
  /** What the referee has decided. @type {{ it: string, tags: Map<string, number> }} */
  let rules = { it: "", tags: new Map() };
  let [messages, steppedAt, taggedAt] = [0, performance.now(), 0];

  const me = { ...newPlayer(`${myName} (you)`), heard: 1 };
  players.set(room.self, me);

  /** @param {Peer} peer */
  function meet(peer) {
    const player = newPlayer(peer.name ?? peer.id);
    players.set(peer.id, player);
    peer.on("message", ({ data }) => hear(peer, player, data));
  }
  for (const peer of room.peers.values()) meet(peer);
  room.on("peer-joined", (peer) => {
    meet(peer);
    say(`${peer.name ?? peer.id} is here.`);
  });
  room.on("peer-left", ({ peer }) => {
    players.get(peer.id)?.item.remove();
    players.delete(peer.id);
    say(`${peer.name ?? peer.id} has left.`);
  });
  room.on("away", () => say("The server is away: whoever is connected directly plays on."));
  room.on("back", () => say("The server is back."));

  /** Sixty times a second. */
  function step() {
    const now = performance.now();
    // A tab in the background gets few steps, and none of them must be a leap.
    const way = (rules.it === room.self ? SPEED_OF_IT : SPEED) * Math.min(now - steppedAt, 100);
    steppedAt = now;
    const { x, y } = heading(me.at);
    me.at = inside(me.at.x + x * way / 1000, me.at.y + y * way / 1000);
    if (room.isHost) judge(now);
    tell(now);
  }

  /** The referee's part. @param {number} now */
  function judge(now) {
    if (!players.has(rules.it)) rules.it = room.self;
    const it = players.get(rules.it);
    if (!it?.heard || now - taggedAt < PAUSE_MS) return;
    for (const [id, { at, heard }] of players) {
      const away = Math.hypot(at.x - it.at.x, at.y - it.at.y);
      if (id === rules.it || !heard || away > 2 * RADIUS) continue;
      rules.tags.set(rules.it, tagsOf(rules.it) + 1);
      rules.it = id;
      taggedAt = now;
      return;
    }
  }

  /** @param {number} now */
  function tell(now) {
    const tags = [...rules.tags].filter(([id]) => players.has(id));
    const decided = { term: room.term, it: rules.it, tags };
    const data = JSON.stringify({ n: ++messages, ...me.at, ...(room.isHost && { decided }) });
    // Through the server less may go than there is: whoever has waited longest is told first.
    const waiting = [...players].sort(([, a], [, b]) => a.toldAt - b.toldAt);
    for (const [id, player] of waiting) {
      if (room.peers.get(id)?.sendUnreliable(data)) player.toldAt = now;
    }
  }

  /** @param {Peer} peer @param {Player} player @param {unknown} data */
  function hear(peer, player, data) {
    const said = parse(data);
    // Unreliable messages overtake one another: an older one is no news.
    if (!said || said.n <= player.heard) return;
    [player.heard, player.at] = [said.n, inside(said.x, said.y)];
    // Only the host decides, and what it said in an earlier term of its own is no news either.
    const { decided } = said;
    if (decided && peer.id === room.host && decided.term === room.term) rules = decided;
  }

  /** @param {string} id */
  const tagsOf = (id) => rules.tags.get(id) ?? 0;
  /** The same for all, since all sort the same ids. @param {string} id */
  const colourOf = (id) => `hsl(${[...players.keys()].sort().indexOf(id) * 137} 65% 50%)`;

  /** Twice a second: how each pair is connected and, for whoever does not see the field, where. */
  function list() {
    for (const [id, { name, at, heard, item }] of players) {
      const [peer, tags] = [room.peers.get(id), tagsOf(id)];
      item.dataset.player = id;
      find(".dot", item).style.background = colourOf(id);
      find(".name", item).textContent = name;
      find(".role", item).textContent = (id === rules.it ? "it, " : "") +
        (id === room.host ? "host, " : "") +
        (tags === 1 ? "1 tag" : `${tags} tags`);
      if (!peer || !heard) continue;
      const { rtt, loss } = peer.stats;
      find(".badge", item).dataset.path = peer.path;
      find(".badge", item).textContent = PATHS[peer.path] +
        (rtt === undefined ? "" : `, ${rtt < 0.001 ? "<1" : Math.round(rtt * 1000)} ms`) +
        (loss === undefined ? "" : `, ${(loss * 100).toFixed(loss < 0.1 ? 1 : 0)} % lost`);
      const [x, y] = [Math.round(at.x - me.at.x), Math.round(at.y - me.at.y)];
      find(".where", item).textContent = (x < 0 ? `${-x} left, ` : `${x} right, `) +
        (y < 0 ? `${-y} up` : `${y} down`) + (peer.away ? "; lost the server" : "");
    }
    const it = players.get(rules.it);
    const news = it === me ? "You are it!" : it ? `${it.name} is it.` : "";
    if (news !== find("#it").textContent) find("#it").textContent = news;
  }

  function draw() {
    if (page.dataset.state !== "playing") return;
    requestAnimationFrame(draw);
    const scale = canvas.clientWidth * devicePixelRatio / WIDTH;
    [canvas.width, canvas.height] = [WIDTH * scale, HEIGHT * scale];
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.scale(scale, scale);
    pen.textAlign = "center";
    // Twelve pixels at least, however small the field is.
    pen.font = `${Math.max(26, 12 * WIDTH / canvas.clientWidth)}px system-ui`;
    for (const [id, { name, at, shown, heard }] of players) {
      if (!heard) continue;
      const part = id === room.self ? 1 : 0.35;
      shown.x += (at.x - shown.x) * part;
      shown.y += (at.y - shown.y) * part;
      pen.beginPath();
      pen.arc(shown.x, shown.y, RADIUS, 0, 2 * Math.PI);
      pen.fillStyle = colourOf(id);
      pen.fill();
      pen.fillStyle = pen.strokeStyle = getComputedStyle(canvas).color;
      pen.lineWidth = 8;
      if (id === rules.it) pen.stroke();
      pen.fillText(name, shown.x, shown.y + (shown.y > HEIGHT / 2 ? -48 : 66));
    }
  }

  const timers = [setInterval(step, 1000 / 60), setInterval(list, 500)];
  room.on("closed", ({ message }) => {
    for (const timer of timers) clearInterval(timer);
    find("#players").replaceChildren();
    page.dataset.state = "idle";
    say(message);
  });
  // Whoever closes the tab says so, and need not be waited for.
  addEventListener("pagehide", () => room.leave());
  // A tab in the background gets one step a second: too few for a referee.
  document.addEventListener("visibilitychange", () => {
    const heir = [...room.peers.values()].find(({ away }) => !away);
    if (document.hidden && room.isHost && heir) room.handOver(heir.id).catch(() => {});
  });

  location.hash = field("room").value = room.code;
  const link = /** @type {HTMLAnchorElement} */ (find("#link"));
  link.textContent = link.href = location.href;
  showQr("#qr", location.href);
  page.dataset.state = "playing";
  say(players.size === 1 ? "You are alone here: send somebody the link." : "You are in.");
  list();
  draw();
  canvas.focus();
}

/** @param {string} name */
function newPlayer(name) {
  const at = inside(Math.random() * WIDTH, Math.random() * HEIGHT);
  const { content } = /** @type {HTMLTemplateElement} */ (find("#player"));
  const item = /** @type {HTMLElement} */ (find("li", content).cloneNode(true));
  find("#players").append(item);
  // `shown` is where it is drawn, gliding; `heard` the number of its last message, 0 until it is on the
  // field; `toldAt` when it was last told where we are; `item` its line in the list.
  return { name, at, shown: { ...at }, heard: 0, toldAt: 0, item };
}

/** @param {number} x @param {number} y */
function inside(x, y) {
  /** @param {number} at @param {number} size */
  const clamp = (at, size) => Math.min(Math.max(at, RADIUS), size - RADIUS);
  return { x: clamp(x, WIDTH), y: clamp(y, HEIGHT) };
}

/** What another player said, looked at first: it may run any program. @param {unknown} data */
function parse(data) {
  try {
    const { n, x, y, decided } = JSON.parse(String(data));
    if (![n, x, y].every(Number.isFinite)) return undefined;
    const tags = new Map();
    for (const [id, count] of decided?.tags ?? []) tags.set(String(id), Number(count));
    return { n, x, y, decided: decided && { ...decided, tags } };
  } catch {
    return undefined;
  }
}
