/** What systemd is told of this program, where it asks to be told: sd_notify(3), sd_watchdog_enabled(3). */
import { every } from "../beat/mod.ts";
import type { Failure, NotifyAddresses } from "./notify_worker.ts";

/** What systemd puts into the environment. */
export interface NotifyRequest {
  /** `NOTIFY_SOCKET` */
  readonly socket: string;
  /** `WATCHDOG_USEC` in milliseconds; absent where no watchdog waits. */
  readonly watchdogMs?: number;
}

/** systemd waits for a word that it will not get. */
export interface NotifyEvent {
  readonly kind: "systemd-not-told";
  readonly why: string;
}

/** Undefined where nobody asks: not under systemd, or not with `Type=notify`. */
export function readNotifyRequest(): NotifyRequest | undefined {
  const socket = Deno.env.get("NOTIFY_SOCKET");
  if (!socket) return undefined;
  const microseconds = Number(Deno.env.get("WATCHDOG_USEC"));
  return { socket, ...microseconds > 0 && { watchdogMs: microseconds / 1_000 } };
}

/**
 * Says that the program is ready, and later that it stops. In between the watchdog gets its sign of
 * life for as long as the program is ready or stopping: where `/readyz` says no for longer than
 * `WatchdogSec`, a new start is what may still help.
 *
 * The words go out from a worker that may write to this one socket, since the program itself gives
 * up writing to files.
 *
 * `stopping` is aborted when the program is about to stop; `obstacles` says why nobody should be sent
 * here now, and nothing when all is well.
 */
export function tellSystemd(
  dataDir: string,
  stopping: AbortSignal,
  obstacles: () => readonly string[],
  note: (event: NotifyEvent) => void,
  request: NotifyRequest | undefined = readNotifyRequest(),
): void {
  if (!request) return;
  const { socket, watchdogMs } = request;
  if (!socket.startsWith("/")) {
    const why = `Deno reaches no abstract socket, which ${socket} is: use Type=exec`;
    return note({ kind: "systemd-not-told", why });
  }
  const addresses: NotifyAddresses = { to: socket, from: `${dataDir}/notify.sock` };
  const worker = startWorker(addresses, once((why) => note({ kind: "systemd-not-told", why })));
  const tell = (word: string) => worker.postMessage(word);
  worker.postMessage(addresses);
  tell("READY=1");
  stopping.addEventListener("abort", () => tell("STOPPING=1"), { once: true });
  if (watchdogMs === undefined) return;
  every(watchdogMs / SIGNS, () => {
    if (stopping.aborted || obstacles().length === 0) tell("WATCHDOG=1");
  });
}

/** Signs of life in the time that systemd waits: some may be late on a busy machine. */
const SIGNS = 3;

function startWorker({ to, from }: NotifyAddresses, failed: (why: string) => void): Worker {
  const paths = [to, from];
  const worker = new Worker(new URL("./notify_worker.ts", import.meta.url), {
    type: "module",
    name: "systemd",
    deno: {
      permissions: {
        net: paths.map((path) => `unix:${path}`),
        read: paths,
        write: paths,
        env: false,
        run: false,
        ffi: false,
        sys: false,
        import: false,
      },
    },
  });
  worker.onmessage = ({ data }: MessageEvent<Failure>) => failed(data.why);
  worker.onerror = (event) => {
    event.preventDefault();
    failed(event.message);
  };
  return worker;
}

/** It may fail at each beat: the first time says it. */
function once(act: (why: string) => void): (why: string) => void {
  let isDone = false;
  return (why) => {
    if (!isDone) act(why);
    isDone = true;
  };
}
