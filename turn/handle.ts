import { every } from "../beat/mod.ts";
import type { ClientBan, TurnConfig, TurnSettings, Whereabouts } from "./config.ts";
import type { EngineStats, Listening, Notice } from "./engines/mod.ts";
import { permittedLibraries } from "./io/fast/mod.ts";
import { retire } from "./retired_secrets.ts";
import { follow, type Happening, type TurnState } from "./supervisor.ts";
import type { Call, FromWorker, ToWorker } from "./worker.ts";

export interface TurnOptions {
  /** Told after each change of `state`. */
  readonly onChange?: (state: TurnState) => void;
  /** What happens in the engine: bounded in number however much strangers send. */
  readonly onEvent?: (notice: Notice) => void;
  /** The worker's module; tests give their own. */
  readonly entry?: URL;
  /** Between signs of life that the worker is asked for, in milliseconds. */
  readonly pulseMs?: number;
}

/** The relay as the rest of the program sees it. It outlives its workers. */
export interface TurnHandle {
  /** Once it listens for the first time; rejected where it cannot. */
  readonly ready: Promise<Listening>;
  readonly state: TurnState;
  /** Where streams from inside come to now, on 127.0.0.1; see `TurnConfig.insideToken`. */
  readonly insidePort: number | undefined;
  /** The external addresses that new allocations have now. */
  readonly externalIps: readonly string[];
  /** Rejected while no worker runs, and when it dies meanwhile: so are all calls. */
  stats(): Promise<EngineStats>;
  /**
   * Ends what this user has and refuses what was issued to it before `at` (Unix milliseconds; now
   * where absent), after a restart too. Returns how many allocations ended.
   */
  revoke(user: string, at?: number): Promise<number>;
  /**
   * Ends what clients in these ranges have and refuses them more, after a restart too. The bans of
   * an earlier call are over.
   */
  ban(bans: readonly ClientBan[]): Promise<void>;
  /**
   * Refuses new allocations from now on, after a restart too. Resolves when none is left, and after
   * `patienceMs` at the latest.
   */
  drain(patienceMs?: number): Promise<void>;
  /**
   * This machine has other addresses: new allocations have these external ones from now on, after a
   * restart too.
   */
  move(to: Whereabouts): Promise<void>;
  /**
   * Takes other settings, after a restart too. Allocations stay, and what they may do with peers that
   * are denied now ends. A secret that is there no more verifies for as long as it has to: until the
   * last credential that it signed by now has ended.
   */
  configure(settings: Omit<TurnSettings, "retiredSecrets">): Promise<void>;
  /** Ends everything; resolves when every port is free. */
  close(): Promise<void>;
}

/** All that the code which reads strangers' datagrams may do. */
export const WORKER_PERMISSIONS: Deno.PermissionOptionsObject = {
  net: "inherit",
  read: false,
  write: false,
  env: false,
  run: false,
  ffi: false,
  sys: false,
  import: false,
};

/** The batches of `io: "fast"` need the C library, where the whole program may open it. */
function permissionsFor({ io }: TurnConfig): Deno.PermissionOptionsObject {
  const libraries = io === "fast" ? permittedLibraries() : [];
  return libraries.length > 0 ? { ...WORKER_PERMISSIONS, ffi: libraries } : WORKER_PERMISSIONS;
}

const PULSE_MS = 10_000;
/**
 * Signs of life that may be missing; a busy worker on an old machine is not a dead one. One in an
 * endless loop cannot be ended from outside (Deno 2.9.6) and keeps its port, so that restarts fail
 * until the process is restarted: `state` shows it.
 */
const MISSED_PULSES = 2;
/** How often a drain looks whether an allocation is left. */
const DRAIN_LOOK_MS = 100;
/** A worker that does not end by itself is ended. */
const CLOSE_MS = 3_000;
/** The most revocations that are told again after a restart; the oldest is forgotten first. */
const MAX_REVOKED = 0x1_0000;

interface Pending {
  // deno-lint-ignore no-explicit-any -- the answer's type follows from the call
  resolve(answer: any): void;
  reject(error: Error): void;
}

/** One worker at a time: the current one, and what was asked of it. */
interface Running {
  readonly worker: Worker;
  readonly calls: Map<number, Pending>;
  readonly stopPulse: () => void;
}

/** Starts the relay in a worker of its own and keeps it running. */
export function start(config: TurnConfig, options: TurnOptions = {}): TurnHandle {
  return new SupervisedTurn(config, options);
}

class SupervisedTurn implements TurnHandle {
  readonly ready: Promise<Listening>;
  readonly #options: TurnOptions;
  readonly #ready = Promise.withResolvers<Listening>();
  readonly #revoked = new Map<string, number>();
  #bans: readonly ClientBan[] = [];
  #config: TurnConfig;
  #state: TurnState = { kind: "starting" };
  #running: Running | undefined;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #isDraining = false;
  #closing: Promise<void> | undefined;
  #callId = 0;

  constructor(config: TurnConfig, options: TurnOptions) {
    this.#config = config;
    this.#options = options;
    this.ready = this.#ready.promise;
    // Whoever does not wait for it learns the same from `state`.
    this.ready.catch(() => {});
    this.#spawn();
  }

  get state(): TurnState {
    return this.#state;
  }

  get insidePort(): number | undefined {
    return this.#state.kind === "listening" ? this.#state.listening.insidePort : undefined;
  }

  get externalIps(): readonly string[] {
    return this.#config.externalIps;
  }

  stats(): Promise<EngineStats> {
    return this.#call({ kind: "stats" });
  }

  async revoke(user: string, at: number = Date.now()): Promise<number> {
    this.#revoked.delete(user);
    this.#revoked.set(user, at);
    for (const oldest of this.#revoked.keys()) {
      if (this.#revoked.size <= MAX_REVOKED) break;
      this.#revoked.delete(oldest);
    }
    // A worker that is yet to come is told of it at its start, and nothing is allocated till then.
    return this.#state.kind === "listening" ? await this.#call({ kind: "revoke", user, at }) : 0;
  }

  async ban(bans: readonly ClientBan[]): Promise<void> {
    this.#bans = bans;
    if (this.#state.kind === "listening") await this.#call({ kind: "ban", bans });
  }

  async drain(patienceMs = 0): Promise<void> {
    this.#isDraining = true;
    if (this.#state.kind !== "listening") return;
    await this.#call({ kind: "drain" });
    const end = Date.now() + patienceMs;
    while (Date.now() < end) {
      const stats = await this.stats().catch(() => undefined);
      // A worker that has died meanwhile took its allocations along.
      if (!stats || stats.allocations === 0) return;
      await new Promise((resolve) => setTimeout(resolve, Math.min(DRAIN_LOOK_MS, patienceMs)));
    }
  }

  async move(to: Whereabouts): Promise<void> {
    this.#config = { ...this.#config, ...to };
    if (this.#state.kind === "listening") await this.#call({ kind: "move", to });
  }

  async configure(wanted: Omit<TurnSettings, "retiredSecrets">): Promise<void> {
    const retiredSecrets = retire(this.#config, wanted.secrets, Date.now() / 1_000);
    const settings = { ...wanted, retiredSecrets };
    this.#config = { ...this.#config, ...settings };
    if (this.#state.kind === "listening") await this.#call({ kind: "configure", settings });
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    clearTimeout(this.#restart);
    const closing = this.#state.kind === "listening"
      ? this.#call<void>({ kind: "close" })
      : undefined;
    this.#happen({ kind: "closed" });
    this.#ready.reject(new Error("The relay was closed"));
    if (closing) await within(CLOSE_MS, closing);
    this.#end("The relay was closed");
  }

  #spawn(): void {
    const entry = this.#options.entry ?? new URL("./worker.ts", import.meta.url);
    const worker = new Worker(entry, {
      type: "module",
      name: "turn",
      deno: { permissions: permissionsFor(this.#config) },
    });
    let missed = 0;
    const stopPulse = every(this.#options.pulseMs ?? PULSE_MS, () => {
      if (missed++ === MISSED_PULSES) this.#died("the relay's worker gives no sign of life");
      else this.#tell({ kind: "ping" });
    });
    this.#running = { worker, calls: new Map(), stopPulse };
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      missed = 0;
      if (this.#running?.worker === worker) this.#hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.#running?.worker === worker) this.#died(event.message);
    };
    this.#tell({
      kind: "start",
      config: this.#config,
      revoked: this.#revoked,
      bans: this.#bans,
      isDraining: this.#isDraining,
    });
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case "listening":
        // Players know the port: a worker after this one takes the same.
        this.#config = { ...this.#config, port: message.listening.port };
        this.#happen(message);
        this.#ready.resolve(message.listening);
        return;
      case "unable":
        return this.#lost(message);
      case "notice":
        return this.#options.onEvent?.(message.notice);
      case "answer": {
        const pending = this.#running?.calls.get(message.id);
        this.#running?.calls.delete(message.id);
        return pending?.resolve(message.answer);
      }
      case "pong":
        return;
    }
  }

  #died(reason: string): void {
    this.#lost({ kind: "died", reason });
  }

  #lost(happening: Happening & { readonly reason: string }): void {
    this.#end(happening.reason);
    this.#happen(happening);
    const state = this.#state;
    if (state.kind === "failed") this.#ready.reject(new Error(state.reason));
    if (state.kind === "restarting") {
      this.#restart = setTimeout(() => this.#spawn(), state.nextAt - Date.now());
    }
  }

  #happen(happening: Happening): void {
    const before = this.#state;
    this.#state = follow(before, happening, Date.now(), Math.random());
    if (this.#state !== before) this.#options.onChange?.(this.#state);
  }

  /** Leaves nothing of the current worker. */
  #end(reason: string): void {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return;
    running.stopPulse();
    running.worker.terminate();
    for (const { reject } of running.calls.values()) reject(new Error(reason));
  }

  #call<T>(call: Call): Promise<T> {
    const running = this.#running;
    if (this.#state.kind !== "listening" || !running) {
      return Promise.reject(new Error(`The relay does not run now: it is ${this.#state.kind}`));
    }
    const id = this.#callId++;
    return new Promise((resolve, reject) => {
      running.calls.set(id, { resolve, reject });
      this.#tell({ kind: "call", id, call });
    });
  }

  #tell(message: ToWorker): void {
    this.#running?.worker.postMessage(message);
  }
}

/** Waits for it, but not for ever; that it failed is as good as done. */
async function within(ms: number, done: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([done.catch(() => {}), late]);
  clearTimeout(timer);
}
