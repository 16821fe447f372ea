import { ask, isEnd } from "./session.js";

/** Samples come each second: by then the connection is lost, whatever the browser believes. */
const SILENCE_MS = 10_000;
const RETRY_MS = 2_000;

/**
 * Follows what happens on the server for as long as this login may, through its restarts.
 *
 * @param {{
 *   onEvent: (event: string, data: any) => void,
 *   onGone: () => void,
 *   onEnd: (message: string) => void,
 * }} hearer
 */
export async function follow({ onEvent, onGone, onEnd }) {
  for (;;) {
    try {
      await listen(onEvent);
    } catch (error) {
      if (isEnd(error)) return onEnd(/** @type {Error} */ (error).message);
      onGone();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/**
 * One stream to its end. `EventSource` cannot send the token.
 *
 * @param {(event: string, data: any) => void} onEvent
 */
async function listen(onEvent) {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), SILENCE_MS);
  try {
    const { body } = await ask("/api/admin/live", { signal: silent.signal });
    const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (body)
      .pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENCE_MS);
      const events = (text + value).split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const [, name = "", data = ""] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
        onEvent(name, JSON.parse(data));
      }
    }
  } finally {
    clearTimeout(timer);
  }
}
