/** The protocol as tables for the README, which a test holds to what the code says. */
import { byeCodes, errorCodes, refusalCodes } from "./codes.ts";
import type { ClientMessage } from "./protocol.ts";
import type { ServerMessage } from "./messages.ts";

type ClientType = Exclude<ClientMessage["type"], "forward" | "relay-bytes">;
type Row = readonly [fields: string, meaning: string];

const fromClient: Record<ClientType, Row> = {
  join: [
    "`room`, `from?`, `name?`, `password?`, `create?`",
    'Enter a room, or make it. `"create":false` only enters. Answer: `joined`.',
  ],
  create: [
    "`from?`, `name?`, `password?`, `public?`, `attributes?`",
    "Make a room under a code the server picks. Answer: `joined`.",
  ],
  resume: [
    "`resume`, `seq`",
    "Take the place back: the token of `joined` or `resumed`, and the last `seq` that came. Answer: `resumed`.",
  ],
  leave: ["", "Leave the room and end the connection. Answer: `bye`."],
  broadcast: ["`payload?`", "To everybody else in the room."],
  relay: [
    "`to?`, `payload?`",
    "Game data through the server, to one peer or to everybody else; limited by bytes apart. Also as a binary frame.",
  ],
  ice: ["", "Fresh TURN credentials. Answer: `ice`."],
  list: [
    "`after?`, `limit?`",
    "Public rooms, at most 100 at once; `next` of one page is `after` of the next. Answer: `list`.",
  ],
  watch: [
    "`after?`, `limit?`",
    "As `list`, and from now on `rooms` tells what changes, at most once a second. For whoever is in no room: joining one ends it.",
  ],
  unwatch: ["", "No more `rooms`. A room has to be joined in time, as after connecting."],
  host: ["`to?`", "Who the host is (answer: `host`); with `to`, the host hands over."],
  lock: ["`password?`", "The host lets nobody in, or only with a password."],
  unlock: ["", "The host lets everybody in."],
  kick: ["`to`", "The host removes a peer and ends its relaying."],
  set: [
    "`public?`, `attributes?`",
    "The host lists the room or hides it, and says what the lobby shows: strings, numbers and booleans, 1,024 bytes of JSON.",
  ],
  ping: ["", "Answer: `pong`."],
  pong: ["", "A sign of life, as any message is."],
};

const fromServer: Record<ServerMessage["type"], Row> = {
  joined: [
    "`room`, `id`, `peers`, `host`, `access`, `public`, `attributes`, `iceServers`, `iceExpiresAt`, `resume`, `limits`, `version`",
    "The place in the room. `peers` have `id`, `name?`, `polite`, `away?`; `host` has `id` and `term`.",
  ],
  resumed: [
    "`resume`, `seq`, `lost`, `iceServers`, `iceExpiresAt`",
    "`lost` 0: what was missed follows, from `seq` + 1. Otherwise `lost` messages are gone, and the fields of `joined` tell the state of the room.",
  ],
  "peer-joined": [
    "`id`, `name?`, `polite`",
    "`polite`: whether the reader yields to this peer. Exactly one side of each pair does.",
  ],
  "peer-left": ["`id`, `reason`", "`left`, `timed-out`, `kicked`, `replaced` or `disconnected`."],
  "peer-away": [
    "`id`",
    "The peer's connection is lost; its place and messages are kept for a while.",
  ],
  "peer-back": ["`id`", "It has resumed."],
  host: ["`id`, `term`", "The room's host."],
  "host-changed": ["`id`, `term`", "The host has passed on; `term` grows by one each time."],
  "room-changed": [
    "`access`, `public`, `attributes`",
    "The host has locked, unlocked or set something. `access` is `open`, `locked` or `password`.",
  ],
  ice: [
    "`iceServers`, `iceExpiresAt`, `restart?`",
    "Also unasked, before the old credentials end; `iceExpiresAt`, in Unix seconds, is when these do, and the later ones hold. `restart`: true when the server's address has changed or the old credentials have been ended, so that ICE has to be restarted.",
  ],
  list: ["`rooms`, `next?`", "Each room: `room`, `peers`, `access`, `attributes`."],
  rooms: [
    "`changed`, `gone`, `lost?`",
    "To watchers: codes of rooms that are gone from the list, then rooms that are new or different, as in `list`. `lost`: true when more has changed than is told; `list` again.",
  ],
  ack: [
    "`rid`",
    "The message with this `rid` was carried out. Comes after its answer, where there is one.",
  ],
  error: ["`code`, `message`, `rid?`", "The message was not carried out."],
  bye: [
    "`code`, `message`, `reconnect`, `retryAfter?`",
    "The last message before the server closes. `reconnect`: whether to come back; `retryAfter`: after so many seconds.",
  ],
  pong: ["", "The answer to `ping`."],
};

/** Markdown: message types, error codes, close codes, refusals before the WebSocket opens. */
export function protocolTable(): string {
  return [
    table(["Client says", "fields", ""], messages(fromClient)),
    table(["Server says", "fields", ""], messages(fromServer)),
    table(
      ["Error code", ""],
      Object.entries(errorCodes).map(([code, text]) => [`\`${code}\``, text]),
    ),
    table(
      ["`bye` code", "close code", "reconnect", ""],
      Object.entries(byeCodes).map((
        [code, { close, reconnect, meaning }],
      ) => [`\`${code}\``, `${close}`, reconnect ? "yes" : "no", meaning]),
    ),
    table(
      ["HTTP refusal", "status", ""],
      Object.entries(refusalCodes).map((
        [code, { status, meaning }],
      ) => [`\`${code}\``, `${status}`, meaning]),
    ),
  ].join("\n");
}

function messages(rows: Record<string, Row>): string[][] {
  return Object.entries(rows).map(([type, row]) => [`\`${type}\``, ...row]);
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}
