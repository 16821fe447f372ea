/** How the programs under comparison are built and started. */
import { serverFlags } from "../compile/mod.ts";
import { PASSWORD, USERNAME } from "./load/turn_client.ts";
import { LIBRARIES } from "../turn/io/fast/libraries.ts";
import { Child, freePort, output } from "./process.ts";

const ROOT = new URL("../", import.meta.url).pathname;

/** A running Hearth, not waited for, and the ports it was told to take. */
export interface Hearth {
  readonly process: Child;
  readonly httpPort: number;
  readonly turnPort: number;
}

/**
 * Starts this project's server with the permissions of the task `start`, on ports of its own and in a
 * data folder that goes with `scope`.
 */
export async function startHearth(
  scope: AsyncDisposableStack,
  env: Readonly<Record<string, string>> = {},
): Promise<Hearth> {
  const [httpPort, turnPort] = [freePort(), freePort()];
  const data = await temporaryFolder(scope);
  const flags = serverFlags(JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)), data);
  const settings = {
    HEARTH_HTTP_HOST: "127.0.0.1",
    HEARTH_HTTP_PORT: String(httpPort),
    HEARTH_TURN_HOST: "127.0.0.1",
    HEARTH_TURN_PORT: String(turnPort),
    HEARTH_TURN_USERS: `${USERNAME}:${PASSWORD}`,
    HEARTH_EXTERNAL_IP: "127.0.0.1",
    HEARTH_PEER_ALLOW: "127.0.0.0/8",
    HEARTH_LIMITS: "off",
    HEARTH_DATA_DIR: data,
    ...env,
  };
  const ffi = env["HEARTH_TURN_IO"] === "fast" ? [`--allow-ffi=${LIBRARIES}`] : [];
  const args = ["run", ...flags, ...ffi, "main.ts", "start"];
  const process = scope.use(new Child(Deno.execPath(), args, { env: settings, cwd: ROOT })).drain();
  return { process, httpPort, turnPort };
}

/** Builds a Go program of `peers/` against Debian's packages, which come as source. */
export async function buildGo(
  name: string,
  packages: string,
  scope: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<string> {
  const program = `${await temporaryFolder(scope)}/${name}`;
  await orHint(
    `apt-get install golang-go ${packages}`,
    () =>
      output("go", ["build", "-o", program, "."], {
        cwd: `${ROOT}bench/peers/${name}`,
        env: { GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOFLAGS: "" },
        signal,
      }),
  );
  return program;
}

/** Builds a C program of this folder. */
export async function buildC(
  source: string,
  scope: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<string> {
  const program = `${await temporaryFolder(scope)}/program`;
  const args = ["-O2", "-Wall", "-Werror", "-o", program, `${ROOT}bench/${source}`];
  await orHint("apt-get install gcc libc6-dev", () => output("gcc", args, { signal }));
  return program;
}

/** Does what needs a program from Debian; where that fails, says how to get it. */
export async function orHint<T>(get: string, work: () => T): Promise<Awaited<T>> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "not installed" : String(error);
    throw new Error(`${reason}. To get it: ${get}`);
  }
}

export async function temporaryFolder(scope: AsyncDisposableStack): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "hearth-bench-" });
  scope.defer(() => Deno.remove(folder, { recursive: true }));
  return folder;
}
