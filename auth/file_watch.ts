import { after, every } from "../beat/mod.ts";
import { isOnOwnFileSystem } from "./own_file_system.ts";

/** How soon is asked again after a write; and how often where the file cannot be watched. */
const FIRST_MS = 10;
/**
 * How much longer each wait is than the one before: a change can be read some time after its first
 * bytes were written, and is then read late by half of that time at most.
 */
const GROWTH = 1.5;
/** How often in the end, where another machine may write, of which the system says nothing. */
const SILENT_MS = 500;
/** And where the system tells of everybody: should it ever have lost a word. */
const TOLD_MS = 30_000;

/** What it is timed by; a test gives another. Each answers the function that ends it. */
interface Timing {
  after(ms: number, action: () => void): () => void;
  every(ms: number, action: () => void): () => void;
}

const REAL: Timing = { after, every };

/**
 * Calls `ask` as soon as a file was written, and again until what was written must be whole. Waking
 * up costs far more than asking, so hardly anybody is woken while nobody writes.
 */
export class FileWatch {
  readonly #ask: () => void;
  readonly #watcher: Deno.FsWatcher | undefined;
  readonly #longestMs: number;
  readonly #after: Timing["after"];
  readonly #stopAsking: () => void;
  #waitMs = FIRST_MS;
  #cancel = () => {};
  #isClosed = false;

  /** The file is there. Where it cannot be watched, `ask` is called all the time. */
  constructor(
    path: string,
    ask: () => void,
    quietMs = isOnOwnFileSystem(path) ? TOLD_MS : SILENT_MS,
    { after, every }: Timing = REAL,
  ) {
    this.#ask = ask;
    this.#watcher = tryToWatch(path);
    this.#longestMs = this.#watcher ? quietMs : FIRST_MS;
    this.#after = after;
    this.#stopAsking = every(this.#longestMs, ask);
    void this.#listen();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#stopAsking();
    this.#watcher?.close();
  }

  async #listen(): Promise<void> {
    for await (const _ of this.#watcher ?? []) {
      if (this.#isClosed) return;
      this.#waitMs = FIRST_MS;
      this.#look();
    }
  }

  #look(): void {
    this.#ask();
    this.#wait();
  }

  /** Until what is asked all the time anyway comes as soon. */
  #wait(): void {
    this.#cancel();
    if (this.#waitMs >= this.#longestMs) return;
    this.#cancel = this.#after(this.#waitMs, () => this.#look());
    this.#waitMs *= GROWTH;
  }
}

/** The system has room for so many watches and no more (inotify(7), `max_user_watches`). */
function tryToWatch(path: string): Deno.FsWatcher | undefined {
  try {
    return Deno.watchFs(path, { recursive: false });
  } catch {
    return undefined;
  }
}
