import { HearthError } from "./api.ts";

/** How many may wait. */
const WAITING = 64;

/** What was asked of the server and is not answered yet. */
export class Requests {
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  #rid = 0;

  /** Says `message` with a number of its own. Resolves or rejects as the server answers. */
  ask(message: object, say: (message: object) => void): Promise<void> {
    if (this.#waiting.size >= WAITING) {
      const error = new HearthError("queue-full", `${WAITING} requests wait for an answer.`);
      return Promise.reject(error);
    }
    const rid = ++this.#rid;
    say({ ...message, rid });
    return new Promise((resolve, reject) => this.#waiting.set(rid, { resolve, reject }));
  }

  /** Settles one: refused where there is an error. */
  answer(rid: number | undefined, error?: HearthError): void {
    if (rid === undefined) return;
    const request = this.#waiting.get(rid);
    this.#waiting.delete(rid);
    if (error) request?.reject(error);
    else request?.resolve();
  }

  refuseAll(code: string, message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new HearthError(code, message));
    this.#waiting.clear();
  }
}
