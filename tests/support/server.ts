/** The real program, started as `deno task start` starts it, on free ports and data of its own. */
import { freePort } from "../../bench/process.ts";
import type { Report } from "../../check/mod.ts";
import { inNamespace } from "./netns.ts";

export interface ServerOptions {
  /** Variables beyond the defaults of `startServer`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Runs inside this namespace (of `ip netns`) and uses its usual ports, 8080 and 3478. */
  readonly namespace?: string;
  /** An existing data folder, which then outlives the server. */
  readonly dataDir?: string;
  /** What follows `start` on the command line. */
  readonly args?: readonly string[];
  /** The port of a server that has ended; a free one unless given. */
  readonly httpPort?: number;
}

export interface RunningServer extends AsyncDisposable {
  readonly httpPort: number;
  readonly turnPort: number;
  /** Everything it has written to standard output and standard error so far. */
  readonly log: () => string;
  /** Resolves when what it has written matches. */
  logged(pattern: RegExp): Promise<void>;
  signal(signal: Deno.Signal): void;
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<Deno.CommandStatus>;
  /** Sends the signal and waits for the end, which it forces where it does not come. */
  stop(signal?: Deno.Signal): Promise<Deno.CommandStatus>;
}

const ROOT = new URL("../../", import.meta.url);
const READY_WITHIN_MS = 20_000;
const POLL_MS = 50;
/** More than HEARTH_GRACE, which is 5 s. */
const STOP_WITHIN_MS = 10_000;

/** `TEST_TURN_IO=fast` runs whatever starts the program on the fast driver. */
const IS_FAST = Deno.env.get("TEST_TURN_IO") === "fast";

/** The user that every test server knows for TURN. */
export const TURN_USER = { name: "tester", password: "tester-password" };

/** Starts the program and waits until `/readyz` says yes; throws with its log where it does not. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { namespace } = options;
  const httpPort = options.httpPort ?? (namespace ? 8080 : freePort());
  const turnPort = namespace ? 3478 : freePort();
  const dataDir = options.dataDir ?? await Deno.makeTempDir({ prefix: "hearth-test-" });
  const child = task(IS_FAST ? "start:fast" : "start", options.args ?? [], {
    HEARTH_HTTP_PORT: `${httpPort}`,
    HEARTH_TURN_PORT: `${turnPort}`,
    HEARTH_TURN_USERS: `${TURN_USER.name}:${TURN_USER.password}`,
    HEARTH_EXTERNAL_IP: "127.0.0.1",
    // A test opens no port of the developer's own router.
    HEARTH_ROUTER: "off",
    HEARTH_DATA_DIR: dataDir,
    ...options.env,
  }, { namespace, stdin: "null" }).spawn();
  let log = "";
  let written = Promise.withResolvers<void>();
  const reading = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      log += text;
      written.resolve();
      written = Promise.withResolvers();
    }
  });
  let ended = false;
  child.status.then(() => ended = true);
  const server: RunningServer = {
    httpPort,
    turnPort,
    log: () => log,
    async logged(pattern) {
      while (!pattern.test(log)) await written.promise;
    },
    signal: (signal) => child.kill(signal),
    ended: child.status,
    async stop(signal = "SIGTERM") {
      if (!ended) child.kill(signal);
      const tooLate = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      await Promise.all(reading);
      clearTimeout(tooLate);
      return await child.status;
    },
    async [Symbol.asyncDispose]() {
      await server.stop("SIGKILL");
      if (!options.dataDir) await Deno.remove(dataDir, { recursive: true });
    },
  };
  const url = `http://127.0.0.1:${httpPort}/readyz`;
  const giveUp = Date.now() + READY_WITHIN_MS;
  while (!await answersOk(url, namespace)) {
    if (ended || Date.now() > giveUp) {
      const what = ended ? "ended" : `was not ready within ${READY_WITHIN_MS} ms`;
      await server[Symbol.asyncDispose]();
      throw new Error(`The server ${what}. Its log:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return server;
}

/** Adds an account as `deno task user add NAME` does, the password coming from standard input. */
export async function addUser(
  dataDir: string,
  account: { readonly login: string; readonly password: string },
): Promise<void> {
  await userTask(dataDir, ["add", account.login], `${account.password}\n`);
}

/**
 * Runs `deno task user …` on a data folder. Answers what it printed, and when that came: the moment
 * at which the change was acknowledged, in Unix milliseconds.
 */
export async function userTask(
  dataDir: string,
  args: readonly string[],
  input = "",
): Promise<{ readonly printed: string; readonly at: number }> {
  const env = { HEARTH_DATA_DIR: dataDir };
  const child = task("user", args, env, { stdin: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const complaints = new Response(child.stderr).text();
  let printed = "";
  let at = 0;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    at = Date.now();
    printed += text;
  }
  const { success } = await child.status;
  if (success) return { printed, at };
  throw new Error(`user ${args.join(" ")} failed: ${printed}${await complaints}`);
}

/** Runs `deno task check --json` inside a namespace. Answers its exit status and what it found. */
export async function checkTask(
  namespace: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly report: Report }> {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-test-" });
  try {
    const variables = { HEARTH_DATA_DIR: dataDir, ...env };
    const command = task("check", ["--json"], variables, { namespace, stdin: "null" });
    const { code, stdout, stderr } = await command.output();
    const [printed, complaints] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    if (!printed) throw new Error(`check printed nothing: ${complaints}`);
    return { code, report: JSON.parse(printed) };
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

/**
 * One of `deno.json`'s own tasks, so that what is tested has the permissions that are given. The
 * last of its programs takes the place of the shell, and signals reach it.
 */
function task(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  how: { readonly namespace?: string | undefined; readonly stdin: "piped" | "null" },
): Deno.Command {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  const steps: string[] = (tasks[name].command ?? tasks[name]).split(" && ");
  const script = [...steps.slice(0, -1), `exec ${steps.at(-1)} "$@"`].join(" && ")
    .replaceAll("deno run", `${Deno.execPath()} run`);
  const shell = ["sh", "-c", script, name, ...args];
  const [command = "", ...rest] = how.namespace
    ? ["ip", "netns", "exec", how.namespace, ...shell]
    : shell;
  const inherited = Object.entries(Deno.env.toObject()).filter(([variable]) =>
    !variable.startsWith("HEARTH_")
  );
  return new Deno.Command(command, {
    args: rest,
    cwd: ROOT,
    clearEnv: true,
    env: { ...Object.fromEntries(inherited), NO_COLOR: "1", ...env },
    stdin: how.stdin,
    stdout: "piped",
    stderr: "piped",
  });
}

async function answersOk(url: string, namespace?: string): Promise<boolean> {
  try {
    if (namespace) {
      await inNamespace(namespace, ["curl", "--fail", "--silent", "--max-time", "2", url]);
      return true;
    }
    const answer = await fetch(url);
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
