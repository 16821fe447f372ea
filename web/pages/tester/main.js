import { copyText, find } from "../dom.js";
import { diagnose, hasRelay } from "./diagnosis.js";
import { gather, GATHER_CAP_MS } from "./gather.js";
import { over, typedServers } from "./ice.js";
import { measureLoopback } from "./loopback.js";
import { channelText, report } from "./report.js";
import { freshIceServers, logIn, LoginNeeded, visitRoom } from "./server.js";
import {
  clearPath,
  enterState,
  showCandidate,
  showChannel,
  showError,
  showFindings,
  showVerdict,
} from "./view.js";

/** @typedef {import("./ice.js").Transport} Transport */
/** @typedef {import("./ice.js").IceServer} IceServer */
/** @typedef {import("./diagnosis.js").Path} Path */
/** @typedef {import("./diagnosis.js").Results} Results */

/** In memory only: a reload forgets it. @type {string | undefined} */
let token;

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
  showFindings([], "");
  await Promise.all([
    testSignaling(results),
    testPath("udp", over("udp", servers), results.udp),
    testPath("tcp", over("tcp", servers), results.tcp),
  ]);
  const findings = diagnose(results);
  showFindings(findings, report(results, findings, navigator.userAgent));
  const bad = findings.filter(({ level }) => level === "bad").length;
  enterState("done", bad === 0 ? "Done: all well." : `Done: ${bad} to mend.`);
}

/** @param {Results} results */
async function testSignaling(results) {
  if (!results.ownServer) {
    return showVerdict("#signaling", "off", "Not tested: another server was asked.");
  }
  showVerdict("#signaling", "waiting", "Entering a room…");
  results.signaling = await visitRoom(token).catch((error) => ({ failure: wordsOf(error) }));
  if ("failure" in results.signaling) {
    return showVerdict("#signaling", "failed", results.signaling.failure);
  }
  const { openMs, joinMs } = results.signaling;
  showVerdict("#signaling", "ok", `Open after ${openMs} ms, in a room after ${joinMs} ms.`);
}

/**
 * @param {Transport} transport
 * @param {IceServer[]} servers
 * @param {Path} path
 */
async function testPath(transport, servers, path) {
  const section = `#${transport}`;
  clearPath(transport);
  if (servers.length === 0) {
    return showVerdict(section, "off", `No server is offered over ${transport.toUpperCase()}.`);
  }
  const cap = `at most ${GATHER_CAP_MS / 1000} s`;
  showVerdict(section, "waiting", `Waiting for an answer from ${path.urls.join(", ")} (${cap})…`);
  const gathering = gather(servers, transport === "udp" ? "all" : "relay", {
    onCandidate(candidate) {
      path.candidates.push(candidate);
      showCandidate(transport, candidate);
    },
    onError(error) {
      path.errors.push(error);
      showError(transport, error);
    },
  });
  if (await gathering.relay) {
    showVerdict(section, "ok", "The relay answered.");
    await testChannel(transport, servers, path);
    gathering.stop();
  }
  path.ended = await gathering.ended;
  if (hasRelay(path)) return;
  const reached = path.urls.every((url) => /^stuns?:/i.test(url)) &&
    path.candidates.some(({ type }) => type === "srflx");
  if (reached) return showVerdict(section, "ok", "STUN answered.");
  const why = path.ended === "stopped" ? "nobody answered in time" : "nothing more to wait for";
  showVerdict(section, "failed", `No relay: ${why}.`);
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
