// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import { copyText, find } from "../dom.js";
import { diagnose } from "./diagnosis.js";
import { gather, GATHER_CAP_MS } from "./gather.js";
import { over, splitPriority, typedServers } from "./ice.js";
import { measureLoopback } from "./loopback.js";
import { channelText, report } from "./report.js";
import { freshIceServers, logIn, LoginNeeded, visitRoom } from "./server.js";

/** @typedef {import("./ice.js").Transport} Transport */
/** @typedef {import("./ice.js").IceServer} IceServer */
/** @typedef {import("./diagnosis.js").Candidate} Candidate */
/** @typedef {import("./diagnosis.js").Path} Path */
/** @typedef {import("./diagnosis.js").Results} Results */

const main = find("#tester");
const status = find("#status");
/** In memory only: a reload forgets it. @type {string | undefined} */
let token;

for (const transport of ["udp", "tcp"]) {
  const template = /** @type {HTMLTemplateElement} */ (find("#candidates"));
  find(`#${transport}`).append(template.content.cloneNode(true));
  find(`#${transport} .wide`).ariaLabel = `Candidates over ${transport.toUpperCase()}`;
}

async function testOwnServer() {
  enterState("running", "Asking the server for ICE servers…");
  const servers = await freshIceServers(token).catch((error) => error);
  const needsLogin = servers instanceof LoginNeeded;
  find("#login").hidden = !needsLogin;
  if (needsLogin) {
    token = undefined;
    enterState("login", "This server asks for a login.");
  } else if (servers instanceof Error) {
    enterState("failed", `The server gave no ICE servers: ${servers.message}`);
  } else {
    await test(servers, true);
  }
}

/**
 * @param {IceServer[]} servers
 * @param {boolean} ownServer
 */
async function test(servers, ownServer) {
  /** @param {Transport} transport @returns {Path} */
  const path = (transport) => ({
    urls: over(transport, servers).flatMap(({ urls }) => urls),
    candidates: [],
    errors: [],
  });
  /** @type {Results} */
  const results = { host: location.hostname, ownServer, udp: path("udp"), tcp: path("tcp") };
  enterState("running", "Testing…");
  await Promise.all([
    testSignaling(results),
    testPath("udp", over("udp", servers), results.udp),
    testPath("tcp", over("tcp", servers), results.tcp),
  ]);
  const findings = diagnose(results);
  find("#findings").replaceChildren(...findings.map(findingItem));
  find("#report").textContent = report(results, findings, navigator.userAgent);
  const bad = findings.filter(({ level }) => level === "bad").length;
  enterState("done", bad === 0 ? "Done: all well." : `Done: ${bad} to mend.`);
}

/** @param {Results} results */
async function testSignaling(results) {
  if (!results.ownServer) {
    return verdict("#signaling", "off", "Not tested: another server was asked.");
  }
  verdict("#signaling", "waiting", "Entering a room…");
  results.signaling = await visitRoom(token).catch((error) => ({ failure: wordsOf(error) }));
  if ("failure" in results.signaling) {
    return verdict("#signaling", "failed", results.signaling.failure);
  }
  const { openMs, joinMs } = results.signaling;
  verdict("#signaling", "ok", `Open after ${openMs} ms, in a room after ${joinMs} ms.`);
}

/**
 * @param {Transport} transport
 * @param {IceServer[]} servers
 * @param {Path} path
 */
async function testPath(transport, servers, path) {
  const section = `#${transport}`;
  find("tbody", find(section)).replaceChildren();
  find(".errors", find(section)).replaceChildren();
  showChannel(transport, "idle", "");
  if (servers.length === 0) {
    return verdict(section, "off", `No server is offered over ${transport.toUpperCase()}.`);
  }
  const cap = `at most ${GATHER_CAP_MS / 1000} s`;
  verdict(section, "waiting", `Waiting for an answer from ${path.urls.join(", ")} (${cap})…`);
  const gathering = gather(servers, transport === "udp" ? "all" : "relay", {
    onCandidate(candidate) {
      path.candidates.push(candidate);
      find("tbody", find(section)).append(candidateRow(transport, candidate));
    },
    onError({ url, errorCode, errorText }) {
      path.errors.push({ url, code: errorCode, text: errorText });
      const item = document.createElement("li");
      item.textContent = `${errorCode} ${url} ${errorText}`;
      find(".errors", find(section)).append(item);
    },
  });
  const ended = gathering.ended.then((how) => path.ended = how);
  if (await gathering.relay) {
    verdict(section, "ok", "The relay answered.");
    await testChannel(transport, servers, path);
    return;
  }
  const how = await ended;
  const why = how === "cap" ? "no longer waiting for the rest" : "nothing more to wait for";
  const reached = path.urls.every((url) => /^stuns?:/i.test(url)) &&
    path.candidates.some(({ type }) => type === "srflx");
  verdict(section, reached ? "ok" : "failed", reached ? "STUN answered." : `No relay; ${why}.`);
}

/**
 * @param {Transport} transport
 * @param {IceServer[]} servers
 * @param {Path} path
 */
async function testChannel(transport, servers, path) {
  showChannel(transport, "waiting", "Sending data through it…");
  path.channel = await measureLoopback(servers).catch((error) => ({ failure: wordsOf(error) }));
  showChannel(transport, "failure" in path.channel ? "failed" : "ok", channelText(path.channel));
  if ("failure" in path.channel) return;
  const { dataset } = find(`#${transport} .channel`);
  dataset.rttMs = `${path.channel.rttMs}`;
  dataset.sent = `${path.channel.sent}`;
  dataset.lost = `${path.channel.lost}`;
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
function verdict(section, state, text) {
  find(section).dataset.state = state;
  find(`${section} .verdict`).textContent = text;
}

/**
 * @param {Transport} transport
 * @param {"idle" | "waiting" | "ok" | "failed"} state
 * @param {string} text
 */
function showChannel(transport, state, text) {
  const line = find(`#${transport} .channel`);
  line.dataset.state = state;
  line.textContent = text;
}

/**
 * @param {"running" | "done" | "login" | "failed"} state
 * @param {string} text
 */
function enterState(state, text) {
  main.dataset.state = state;
  status.textContent = text;
  for (const button of main.querySelectorAll("#run, form button")) {
    button.toggleAttribute("disabled", state === "running");
  }
}

/** @param {unknown} error */
const wordsOf = (error) => error instanceof Error ? error.message : String(error);

/** What a person typed into a field of a form. @param {FormData} form @param {string} name */
const typed = (form, name) => String(form.get(name) ?? "").trim();

find("#run").addEventListener("click", testOwnServer);
find("#copy").addEventListener("click", () => copyText(find("#report"), find("#copied")));
find("#other").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const servers = typedServers(
    typed(form, "url"),
    typed(form, "username"),
    String(form.get("credential") ?? ""),
  );
  await test(servers, false).catch((error) => enterState("failed", wordsOf(error)));
});
find("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
  find("#login-status").textContent = "Logging in…";
  try {
    token = await logIn(typed(form, "login"), String(form.get("password") ?? ""));
    find("#login-status").textContent = "";
    if ("RTCPeerConnection" in globalThis) await testOwnServer();
    else {enterState(
        "failed",
        "This browser has no WebRTC, or it is turned off: games cannot run here.",
      );}
  } catch (error) {
    find("#login-status").textContent = wordsOf(error);
  }
});

if ("RTCPeerConnection" in globalThis) await testOwnServer();
else {enterState(
    "failed",
    "This browser has no WebRTC, or it is turned off: games cannot run here.",
  );}
