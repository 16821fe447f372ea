import { isOnOwnFileSystem } from "./own_file_system.ts";

/** How often is asked while somebody writes, and where the system cannot tell whether somebody does. */
const WRITING_MS = 20;
/** How often otherwise, where another machine may write, of which the system says nothing. */
const SILENT_MS = 500;
/** And where the system tells of everybody: should it ever have lost a word. */
const TOLD_MS = 30_000;
/** From the first bytes of a change until others can read it: what fsync(2) takes on a slow disk. */
const COMMIT_MS = 1_000;

/**
 * Calls `ask` as soon as a file was written, and again until what was written must be whole. Waking
 * up costs far more than asking, so hardly anybody is woken while nobody writes.
 */
export class FileWatch {
  readonly #ask: () => void;
  readonly #quietMs: number;
  readonly #watcher: Deno.FsWatcher | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** On `performance.now()`. */
  #writingUntil: number;
  #isClosed = false;

  /** The file is there. Where it cannot be watched, `ask` is called all the time. */
  constructor(
    path: string,
    ask: () => void,
    quietMs = isOnOwnFileSystem(path) ? TOLD_MS : SILENT_MS,
  ) {
    this.#ask = ask;
    this.#quietMs = quietMs;
    this.#watcher = tryToWatch(path);
    this.#writingUntil = this.#watcher ? 0 : Infinity;
    this.#wait();
    void this.#listen();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
  }

  async #listen(): Promise<void> {
    for await (const _ of this.#watcher ?? []) {
      if (this.#isClosed) return;
      this.#writingUntil = performance.now() + COMMIT_MS;
      this.#look();
    }
  }

  #look(): void {
    this.#ask();
    this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const isWriting = performance.now() < this.#writingUntil;
    this.#timer = setTimeout(() => this.#look(), isWriting ? WRITING_MS : this.#quietMs);
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
