/**
 * Cuts a member's value out of a JSON text as it was written. A payload thus passes untouched:
 * numbers no double can hold, key order, doubled keys and any depth come out as they came in.
 */

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * The text of the top-level member `name`; the last one where the key is doubled, as `JSON.parse`
 * has it. `json` must be a valid JSON object: `JSON.parse` has already said so.
 */
export function rawMember(json: string, name: string): string | undefined {
  let found: string | undefined;
  let at = skipSpace(json, json.indexOf("{") + 1);
  while (json.charCodeAt(at) === QUOTE) {
    const keyEnd = stringEnd(json, at);
    const key = json.slice(at + 1, keyEnd - 1);
    const start = skipSpace(json, json.indexOf(":", keyEnd) + 1);
    const end = valueEnd(json, start);
    if (key === name || (key.includes("\\") && JSON.parse(`"${key}"`) === name)) {
      found = json.slice(start, end);
    }
    at = skipSpace(json, end);
    if (json.charCodeAt(at) === COMMA) at = skipSpace(json, at + 1);
  }
  return found;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function skipSpace(json: string, at: number): number {
  while (isSpace(json.charCodeAt(at))) at++;
  return at;
}

/** Just past the string that opens at `at`. */
function stringEnd(json: string, at: number): number {
  for (let quote = json.indexOf('"', at + 1);; quote = json.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
}

/** Just past the value that starts at `at`. A loop, not recursion: depth costs no stack. */
function valueEnd(json: string, at: number): number {
  for (let depth = 0;; at++) {
    const code = json.charCodeAt(at);
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if (code === QUOTE) at = stringEnd(json, at) - 1;
    else if (depth > 0 && (code === CLOSE_BRACE || code === CLOSE_BRACKET)) depth--;
    else if (depth > 0 || !isDelimiter(json.charCodeAt(at + 1))) continue;
    if (depth === 0) return at + 1;
  }
}

/** What ends a number, `true`, `false` or `null` inside an object. */
function isDelimiter(code: number): boolean {
  return code === COMMA || code === CLOSE_BRACE || isSpace(code);
}
