/** The stable codes: what a client may be told, and the number that closes its WebSocket. */

/** Faults of one message. The connection stays. */
export const errorCodes = {
  "bad-json": "The text is not JSON.",
  "bad-message": "The JSON is no message of this protocol, or a field is missing or wrong.",
  "too-large": "The message has more bytes than `limits.maxMessageBytes`.",
  "rate-limited":
    "Too many messages, or too much relayed data, in too little time. Where it is the address that sends too much, this is told once, and what follows is dropped unread.",
  "not-in-room": "This message needs a room: join one first.",
  "already-in-room": "One connection serves one room: open another for another room.",
  "no-such-room": "No room has this code.",
  "too-many-rooms": "The server holds as many rooms as it may.",
  "too-many-watchers": "The server tells as many watchers of the public rooms as it may.",
  "room-full": "The room holds as many peers as it may.",
  "room-locked": "The host has locked the room.",
  "wrong-password": "The room needs a password, and this is not it.",
  "id-taken": "Another peer of the room has this id.",
  "no-such-peer": "No peer of the room has this id.",
  "no-such-session": "The resume token is unknown, used, or too old. Join again.",
  "unauthorized": "The place belongs to another login.",
  "not-host": "Only the room's host may do this.",
} as const;
export type ErrorCode = keyof typeof errorCodes;

/** Why a connection ends: the code of `bye`, and with it the WebSocket's close code. */
export const byeCodes = {
  "left": { close: 1000, reconnect: false, meaning: "The peer asked to leave." },
  "unauthorized": {
    close: 4000,
    reconnect: false,
    meaning: "The server needs a login, and there is no valid token.",
  },
  "token-expired": {
    close: 4001,
    reconnect: false,
    meaning: "The token has expired. Get a new one first.",
  },
  "join-timeout": { close: 4002, reconnect: true, meaning: "No room was joined in time." },
  "rate-limited": {
    close: 4003,
    reconnect: true,
    meaning: "The client went on sending after it was told to slow down.",
  },
  "queue-overflow": {
    close: 4004,
    reconnect: true,
    meaning: "The client reads too slowly. Its place is kept: resume.",
  },
  "replaced": {
    close: 4005,
    reconnect: false,
    meaning: "The same login, or the resume token, took the place on another connection.",
  },
  "kicked": { close: 4006, reconnect: false, meaning: "The host removed the peer." },
  "draining": {
    close: 4007,
    reconnect: true,
    meaning: "The server is stopping. Come back after `retryAfter` seconds.",
  },
  "disconnected": {
    close: 4008,
    reconnect: false,
    meaning: "The login was ended (logout, disabled account).",
  },
  "banned": {
    close: 4009,
    reconnect: false,
    meaning: "The host of the server has banned the account or the address.",
  },
} as const;
export type ByeCode = keyof typeof byeCodes;

/** Refusals before the WebSocket opens. */
export const refusalCodes = {
  "bad-host": { status: 400, meaning: "The `Host` header is no host name." },
  "bad-handshake": { status: 400, meaning: "The WebSocket handshake is malformed." },
  "origin-refused": { status: 403, meaning: "Pages of this web origin may not connect." },
  "banned": { status: 403, meaning: "The host of the server has banned this address." },
  "method-not-allowed": { status: 405, meaning: "A WebSocket opens with GET." },
  "upgrade-required": { status: 426, meaning: "This address speaks WebSocket only." },
  "flooding": {
    status: 429,
    meaning:
      "A connection from this address was ended with `rate-limited` just now: wait. The answer itself may take ten seconds.",
  },
  "too-many-connections": { status: 429, meaning: "This address holds too many connections." },
  "server-full": { status: 503, meaning: "The server holds as many connections as it may." },
  "draining": { status: 503, meaning: "The server is stopping." },
} as const;
export type RefusalCode = keyof typeof refusalCodes;

/** What went wrong with one message: a stable code, and a sentence for people. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
}
