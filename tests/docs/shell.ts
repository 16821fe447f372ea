/** Runs the commands of the documents as a reader does, on ports and data of their own. */
import { freePort } from "../../bench/process.ts";

const ROOT = new URL("../../", import.meta.url);
const READY_WITHIN_MS = 20_000;
const POLL_MS = 50;

export class Shell implements AsyncDisposable {
  readonly #env: Record<string, string>;
  readonly #ports: ReadonlyMap<string, string>;
  readonly #folder: string;
  readonly #exported = new Set<string>();
  #server: Deno.ChildProcess | undefined;

  private constructor(folder: string, httpPort: string, turnPort: string) {
    this.#folder = folder;
    this.#ports = new Map([["8080", httpPort], ["3478", turnPort]]);
    this.#env = {
      HEARTH_HTTP_PORT: httpPort,
      HEARTH_TURN_PORT: turnPort,
      HEARTH_DATA_DIR: `${folder}/data`,
      // A test opens no port of the developer's own router.
      HEARTH_ROUTER: "off",
      HEARTH_GRACE: "0s",
      NO_COLOR: "1",
      // There is a `.curlrc`, by which an HTTP error is a failure.
      CURL_HOME: folder,
    };
  }

  static async open(): Promise<Shell> {
    const folder = await Deno.makeTempDir({ prefix: "hearth-docs-" });
    await Deno.writeTextFile(`${folder}/.curlrc`, "fail\n");
    return new Shell(folder, `${freePort()}`, `${freePort()}`);
  }

  /** Runs one command; a start stays, in the place of the one before. Throws where it fails. */
  async run(command: string): Promise<void> {
    const exported = /^export (\w+)=(\S+)$/.exec(command);
    if (exported) return this.#export(exported[1] ?? "", exported[2] ?? "");
    if (/ task start$/.test(command)) return await this.#start(command);
    const child = this.#command(command).spawn();
    // What a reader types when asked for a password; whoever asks for nothing may end before.
    const typed = ReadableStream.from([new TextEncoder().encode("a long passphrase\n")]);
    const typing = typed.pipeTo(child.stdin).catch(() => {});
    const [{ success, stdout, stderr }] = await Promise.all([child.output(), typing]);
    if (success) return;
    throw new Error([stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join(""));
  }

  /** Ends what `export` did: the next block is another terminal. */
  forget(): void {
    for (const name of this.#exported) delete this.#env[name];
    this.#exported.clear();
  }

  #export(name: string, value: string): void {
    this.#exported.add(name);
    this.#env[name] = value;
  }

  async #start(command: string): Promise<void> {
    await this.#stop();
    const server = this.#command(command).spawn();
    this.#server = server;
    const ended = server.output();
    let hasEnded = false;
    ended.then(() => hasEnded = true);
    const giveUp = Date.now() + READY_WITHIN_MS;
    while (!await this.#isReady()) {
      if (hasEnded || Date.now() > giveUp) {
        await this.#stop();
        throw new Error(new TextDecoder().decode((await ended).stderr));
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#ports.get("8080")}/readyz`);
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }

  /** As the reader's shell: `deno` by way of npx is the one that runs this test. */
  #command(command: string): Deno.Command {
    const here = command.replaceAll(/npx -y deno@[\d.]+/g, Deno.execPath())
      .replaceAll(/\b(8080|3478)\b/g, (port) => this.#ports.get(port) ?? port);
    const inherited = Object.entries(Deno.env.toObject())
      .filter(([name]) => !name.startsWith("HEARTH_"));
    return new Deno.Command("sh", {
      args: ["-c", here.includes("|") ? here : `exec env ${here}`],
      cwd: ROOT,
      clearEnv: true,
      env: { ...Object.fromEntries(inherited), ...this.#env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    });
  }

  async #stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    try {
      server.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    await server.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
