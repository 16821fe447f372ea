/** Child processes: servers under measure and the tools that load them. Linux only (`/proc`). */

/** What a process has used since its start. */
export interface Usage {
  /** User and system time of all its threads, those that ended included, in steps of 10 ms. */
  readonly cpuMs: number;
  /** Of each living thread, by its number, in milliseconds, to the nanosecond. */
  readonly threads: ReadonlyMap<number, number>;
  /** Resident memory, in MiB. */
  readonly rssMiB: number;
}

/** Linux reports times in `/proc/<pid>/stat` in units of 1/100 s on every architecture (`USER_HZ`). */
const TICK_MS = 10;

/**
 * Reads a `/proc/<pid>/stat` followed by the same process's `/proc/<pid>/status` and by its threads'
 * `schedstat`, each behind its path.
 */
export function parseUsage(text: string): Usage {
  // The second field is the program's name in parentheses and may itself hold spaces and both.
  const fields = text.slice(0, text.indexOf("\n")).replace(/^.*\) /, "").split(" ");
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const rss = Number(text.match(/^VmRSS:\s*(\d+) kB$/m)?.[1]);
  const threads = new Map(
    [...text.matchAll(/task\/(\d+)\/schedstat:(\d+) /g)].map(([, thread, nanoseconds]) => [
      Number(thread),
      Number(nanoseconds) / 1e6,
    ]),
  );
  const usage = { cpuMs: (user + system) * TICK_MS, threads, rssMiB: rss / 1024 };
  if (Number.isNaN(usage.cpuMs + usage.rssMiB) || threads.size === 0) {
    throw new Error("Cannot read the process's usage");
  }
  return usage;
}

/** What was used in between, in milliseconds, but for what threads used that have ended since. */
export function cpuMsBetween(before: Usage, after: Usage): number {
  let sum = 0;
  for (const [thread, ms] of after.threads) sum += ms - (before.threads.get(thread) ?? 0);
  return sum;
}

/** Deno opens `/proc` to nobody short of `--allow-all`; a shell needs only to be run. */
export async function readUsage(pid: number): Promise<Usage> {
  const at = `/proc/${pid}`;
  const read = `cat ${at}/stat ${at}/status && grep -H . ${at}/task/*/schedstat`;
  return parseUsage(await output("sh", ["-c", read]));
}

/** What a command printed. Throws with the end of its complaint when it fails. */
export async function output(
  program: string,
  args: readonly string[],
  options: Pick<Deno.CommandOptions, "cwd" | "env" | "signal"> = {},
): Promise<string> {
  const command = new Deno.Command(program, { ...options, args: [...args], stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${program} failed: ${lastLines(decoder.decode(stderr))}`);
  return decoder.decode(stdout);
}

export interface ChildOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Ends the child when it fires. */
  readonly signal?: AbortSignal;
}

/** A process of ours: talked to by lines, asked what it said when it fails, never outliving its scope. */
export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: AsyncIterator<string>;
  readonly #complaints: Promise<void>;
  #said = "";
  #ended = false;

  constructor(program: string, args: readonly string[], options: ChildOptions = {}) {
    this.#process = new Deno.Command(program, {
      ...options,
      env: { NO_COLOR: "1", ...options.env },
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#lines = linesOf(this.#process.stdout);
    this.#complaints = this.#remember(linesOf(this.#process.stderr));
    this.#process.status.then(() => this.#ended = true);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it ended by itself, which no server of ours should. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The end of what it said, for a person to read when something went wrong. */
  get said(): string {
    return lastLines(this.#said);
  }

  /** For a server that somebody waits for: throws, with the end of what it said, where it has ended. */
  mustRun(): void {
    if (this.#ended) throw new Error(`It ended at its start: ${this.said}`);
  }

  async say(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(line + "\n"));
  }

  /** Its next line; throws with what it said when it ends instead. */
  async line(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (!done) return value;
    await this.#complaints;
    const { code, signal } = await this.#process.status;
    const how = signal ? `killed by ${signal}` : `with ${code}`;
    throw new Error(`It ended too early, ${how}: ${this.said || "without a word"}`);
  }

  /** Waits until it has ended by itself. */
  async end(): Promise<void> {
    await this.#process.status;
  }

  /** For a server that nobody talks to: reads all it says, so that it never waits for a reader. */
  drain(): this {
    void this.#remember({ [Symbol.asyncIterator]: () => this.#lines });
    return this;
  }

  async #remember(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) this.#said = (this.#said + line + "\n").slice(-4_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing here has anything to save, and a graceful end would cost its grace.
    if (!this.#ended) this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#input.abort().catch(() => {});
    await this.#complaints;
    while (!(await this.#lines.next()).done);
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest) yield rest;
}

/** The last lines but for stack traces and quoted source, which are indented. */
function lastLines(text: string): string {
  return text.split("\n").filter((line) => /^\S/.test(line)).slice(-3).join(" · ");
}

/** Below the ports that systems give to whoever asks for any, which could be given out meanwhile. */
const PORTS = { first: 12_000, last: 31_999 };
/** These may not be bound yet. */
const given = new Set<number>();

/** A port that is free for both UDP and TCP on the loopback, and that nobody was given before. */
export function freePort(): number {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = PORTS.first + Math.floor(Math.random() * (PORTS.last + 1 - PORTS.first));
    if (given.has(port) || !isFree(port)) continue;
    given.add(port);
    return port;
  }
  throw new Error("No port is free on 127.0.0.1");
}

function isFree(port: number): boolean {
  try {
    using _ = Deno.listen({ hostname: "127.0.0.1", port });
    Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

/** Asks `answers` until it says yes, for at most 30 s, as long as the server is alive. */
export async function ready(
  server: Child,
  signal: AbortSignal,
  answers: () => Promise<boolean>,
): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    signal.throwIfAborted();
    server.mustRun();
    if (await answers()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`It did not answer within 30 s: ${server.said}`);
}

/** Whether a web server answers there, whatever its answer. */
export async function answersHttp(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`);
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}
