/**
 * The tester. A run enters a room, tries each way to the relay at once, and says what was found. The
 * connection to the room tells when the server goes away: the run then ends, and begins anew when
 * the server is back. `?seconds=N` makes the measurement of throughput last N seconds, not ten.
 */
import { copyText, find } from "../dom.js";
import { diagnose, hasRelay } from "./diagnosis.js";
import { measureFlow } from "./flow.js";
import { over, typedServers, WAYS } from "./ice.js";
import { testNat, testPath, wordsOf } from "./paths.js";
import { drawSample, startPlot } from "./plot.js";
import { flowText, report } from "./report.js";
import { enterRoom, freshIceServers, isReady, logIn, LoginNeeded, NoAnswer } from "./server.js";
import { enterState, showFindings, showNat, showVerdict } from "./view.js";

/** @typedef {import("./ice.js").IceServer} IceServer */
/** @typedef {import("./ice.js").Way} Way */
/** @typedef {import("./diagnosis.js").Results} Results */
/** @typedef {{ results: Results, servers: Record<Way, IceServer[]> }} Tested */

const RETRY_MS = 2_000;
const SECONDS = Math.min(
  Math.max(Number(new URL(location.href).searchParams.get("seconds")) || 10, 0.5),
  60,
);

/** In memory only: a reload forgets it. @type {string | undefined} */
let token;
/** What the last run found. @type {Tested | undefined} */
let tested;

async function testOwnServer() {
  enterState("running", "Asking the server for ICE servers…");
  const answer = await freshIceServers(token).catch((error) => error);
  const needsLogin = answer instanceof LoginNeeded;
  find("#login").hidden = !needsLogin;
  if (needsLogin) {
    token = undefined;
    enterState("login", "This server asks for a login.");
  } else if (answer instanceof NoAnswer) {
    await waitForServer();
  } else if (answer instanceof Error) {
    enterState("failed", `The server gave no ICE servers: ${answer.message}`);
  } else {
    await test(answer.iceServers, answer.ipv6, true);
  }
}

/** Nothing that a server tells of itself while it goes is worth a finding. */
async function waitForServer() {
  enterState(
    "gone",
    "The server does not answer; it may be restarting. The test begins anew when it is back.",
  );
  while (!await isReady()) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  await testOwnServer();
}

/**
 * @param {IceServer[]} iceServers
 * @param {string | undefined} ipv6
 * @param {boolean} ownServer
 */
async function test(iceServers, ipv6, ownServer) {
  const servers = /** @type {Record<Way, IceServer[]>} */ (Object.fromEntries(
    WAYS.map(({ way }) => [way, over(way, iceServers, ipv6)]),
  ));
  const results = /** @type {Results} */ ({
    host: location.hostname,
    ownServer,
    ...Object.fromEntries(WAYS.map(({ way }) => [way, {
      urls: servers[way].flatMap(({ urls }) => urls),
      candidates: [],
      errors: [],
    }])),
  });
  enterState("running", "Testing…");
  tested = undefined;
  showFindings([], "");
  showNat([]);
  showFlow("idle", "");
  const going = new AbortController();
  const { signal } = going;
  const udp = testPath("udp", servers.udp, results, signal);
  const [leave] = await Promise.all([
    testSignaling(results, going),
    udp.then(() => testNat(servers.udp, results, signal)),
    ...WAYS.filter(({ way }) => way !== "udp")
      .map(({ way }) => testPath(way, servers[way], results, signal)),
  ]);
  leave();
  const unheard = results.signaling !== undefined && "failure" in results.signaling;
  if (signal.aborted || (unheard && !await isReady())) return await waitForServer();
  tested = { results, servers };
  const bad = showResults(results).filter(({ level }) => level === "bad").length;
  enterState("done", bad === 0 ? "Done: all well." : `Done: ${bad} to mend.`);
  showFlow("idle", "");
}

/** @param {Results} results */
function showResults(results) {
  const findings = diagnose(results);
  showFindings(findings, report(results, findings, navigator.userAgent));
  return findings;
}

/**
 * @param {Results} results
 * @param {AbortController} going
 * @returns {Promise<() => void>} leaves the room
 */
async function testSignaling(results, going) {
  if (!results.ownServer) {
    showVerdict("#signaling", "off", "Not tested: another server was asked.");
    return () => {};
  }
  showVerdict("#signaling", "waiting", "Entering a room…");
  /** @param {string} failure */
  const fail = (failure) => {
    results.signaling = { failure };
    showVerdict("#signaling", "failed", failure);
  };
  try {
    const { openMs, joinMs, leave } = await watchServer(going, fail);
    results.signaling = { openMs, joinMs };
    showVerdict("#signaling", "ok", `Open after ${openMs} ms, in a room after ${joinMs} ms.`);
    return leave;
  } catch (error) {
    fail(wordsOf(error));
    return () => {};
  }
}

/**
 * Stays in a room to learn at once when the server goes away, which ends `going`.
 *
 * @param {AbortController} going
 * @param {(why: string) => void} onCut the room ended, but the server is there
 */
async function watchServer(going, onCut) {
  const visit = await enterRoom(token);
  visit.lost.then(async (why) => {
    if (await isReady()) onCut(why);
    else going.abort(new Error("The server went away."));
  });
  return visit;
}

/** How far the relay's throughput goes, by the first way that works. */
async function measure() {
  if (!tested) return;
  const { results, servers } = tested;
  const way = WAYS.find(({ way }) => hasRelay(results[way]))?.way;
  if (!way) return;
  const going = new AbortController();
  const stop = new AbortController();
  find("#stop").onclick = () => stop.abort();
  enterState("running", "Measuring…");
  showFlow("waiting", "Measuring…");
  startPlot(SECONDS);
  // The button that was pressed is off now, and the keyboard would be nowhere.
  find("#stop").focus();
  const visit = results.ownServer
    ? await watchServer(going, () => {}).catch(() => undefined)
    : undefined;
  const ends = { signal: going.signal, stop: stop.signal };
  const flow = await measureFlow(servers[way], SECONDS, drawSample, ends)
    .catch((error) => ({ failure: wordsOf(error) }));
  visit?.leave();
  results.flow = { over: way, ...flow };
  const failed = "failure" in flow;
  const isGone = going.signal.aborted || (failed && results.ownServer && !await isReady());
  if (isGone) tested = undefined;
  showFlow(failed ? "failed" : "ok", flowText(results.flow));
  showResults(results);
  if (isGone) return await waitForServer();
  enterState("done", failed ? "The measurement broke off." : "Measured.");
  find("#measure").focus();
}

/**
 * @param {"idle" | "waiting" | "ok" | "failed"} state
 * @param {string} text
 */
function showFlow(state, text) {
  const possible = WAYS.some(({ way }) => tested && hasRelay(tested.results[way]));
  showVerdict("#flow", state, text);
  find("#measure").toggleAttribute("disabled", state === "waiting" || !possible);
  find("#stop").toggleAttribute("disabled", state !== "waiting");
}

/** What a person typed into a field of a form. @param {FormData} form @param {string} name */
const typed = (form, name) => String(form.get(name) ?? "").trim();

/** A run that nothing here foresaw ends in words as well. @param {() => Promise<void>} work */
const run = (work) => work().catch((error) => enterState("failed", wordsOf(error)));

find("#seconds").textContent = `${SECONDS} seconds`;
find("#run").addEventListener("click", () => run(testOwnServer));
find("#measure").addEventListener("click", () => run(measure));
find("#copy").addEventListener("click", () => copyText(find("#report"), find("#copied")));
find("#other").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const named = typedServers(
    typed(form, "url"),
    typed(form, "username"),
    String(form.get("credential") ?? ""),
  );
  const ipv6 = /\[([0-9a-f:.]+)\]/i.exec(typed(form, "url"))?.[1];
  run(() => test(named, ipv6, false));
});
find("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
  find("#login-status").textContent = "Logging in…";
  try {
    token = await logIn(typed(form, "login"), String(form.get("password") ?? ""));
    find("#login-status").textContent = "";
    begin();
  } catch (error) {
    find("#login-status").textContent = wordsOf(error);
  }
});

function begin() {
  if ("RTCPeerConnection" in globalThis) run(testOwnServer);
  else {
    enterState("failed", "This browser has no WebRTC, or it is turned off: games cannot run here.");
  }
}
begin();
