/**
 * The protocol, version 1: what clients may say, what the server says, and the one place where a
 * stranger's text becomes a typed message.
 */
import * as v from "valibot";
import { Buffer } from "node:buffer";
import type { Fault } from "./codes.ts";
import type { Rid, ServerMessage } from "./messages.ts";
import { rawMember } from "./raw_json.ts";

export const PROTOCOL_VERSION = 1;

/** What a guest may call itself and a room. Accounts' ids start with `@`, which is not in here. */
const GUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;
const ROOM_CODE = /^[A-Za-z0-9_-]{1,64}$/;

/** Of the codes the server makes: nothing that is read as something else (0 O, 1 I L). */
export const CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/** The longest id that is looked for. */
const RECEIVER_LENGTH = 128;

/** Room attributes, as JSON. */
const ATTRIBUTES_BYTES = 1_024;

/** Control characters, and marks that turn the direction of the text around a name. */
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const rid = v.nullish(v.union([
  v.pipe(v.string(), v.maxLength(64, "`rid` must have at most 64 characters")),
  v.pipe(v.number(), v.safeInteger("`rid` must be a whole number or a string")),
], "`rid` must be a whole number or a string"));
const guestId = v.pipe(
  v.string("`from` must be a string"),
  v.regex(GUEST_ID, "`from` must be 1 to 64 of the characters A-Z a-z 0-9 . _ -"),
);
const room = v.pipe(
  v.string("`room` must be the room's code, a string"),
  v.regex(ROOM_CODE, "`room` must be 1 to 64 of the characters A-Z a-z 0-9 _ -"),
);
const name = v.pipe(
  v.string("`name` must be a string"),
  v.minLength(1, "`name` must not be empty"),
  v.maxLength(64, "`name` must have at most 64 characters"),
  v.check(
    (text) => text.isWellFormed() && !UNPRINTABLE.test(text),
    "`name` must not hold control characters, direction marks or lone surrogates",
  ),
  v.check(
    (text) => !text.startsWith("@"),
    "`name` must not begin with @: that is how accounts are told from guests",
  ),
);
const password = v.pipe(
  v.string("`password` must be a string"),
  v.minLength(1, "`password` must not be empty"),
  v.maxLength(128, "`password` must have at most 128 characters"),
);
const to = v.pipe(
  v.string("`to` must be a peer's id, a string"),
  v.maxLength(RECEIVER_LENGTH, `\`to\` must have at most ${RECEIVER_LENGTH} characters`),
);
const attributes = v.pipe(
  // A record alone would take a list for an object without fields.
  v.custom((value) => !Array.isArray(value), "`attributes` must be an object"),
  v.record(
    v.string(),
    v.union(
      [
        v.string(),
        v.pipe(v.number(), v.finite("`attributes` must hold finite numbers only")),
        v.boolean(),
      ],
      "`attributes` must hold only strings, finite numbers, true and false",
    ),
    "`attributes` must be an object",
  ),
  v.check(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= ATTRIBUTES_BYTES,
    `\`attributes\` must have at most ${ATTRIBUTES_BYTES} bytes as JSON`,
  ),
);
const flag = (field: string) => v.nullish(v.boolean(`\`${field}\` must be true or false`));
const count = (field: string, min: number, max: number) =>
  v.pipe(
    v.number(`\`${field}\` must be a number`),
    v.safeInteger(`\`${field}\` must be a whole number`),
    v.minValue(min, `\`${field}\` must be at least ${min}`),
    v.maxValue(max, `\`${field}\` must be at most ${max}`),
  );
const seat = {
  rid,
  from: v.nullish(guestId),
  name: v.nullish(name),
  password: v.nullish(password),
};
const listing = { public: flag("public"), attributes: v.nullish(attributes) };

const page = {
  after: v.nullish(count("after", 0, Number.MAX_SAFE_INTEGER)),
  limit: v.nullish(count("limit", 1, 100)),
};

const ownSchemas = {
  join: v.object({ type: v.literal("join"), room, create: flag("create"), ...seat }),
  create: v.object({ type: v.literal("create"), ...seat, ...listing }),
  resume: v.object({
    type: v.literal("resume"),
    rid,
    resume: v.pipe(
      v.string("`resume` must be the token of `joined` or `resumed`"),
      v.maxLength(64, "`resume` must be the token of `joined` or `resumed`"),
    ),
    seq: count("seq", 0, Number.MAX_SAFE_INTEGER),
  }),
  leave: v.object({ type: v.literal("leave"), rid }),
  ping: v.object({ type: v.literal("ping"), rid }),
  pong: v.object({ type: v.literal("pong"), rid }),
  ice: v.object({ type: v.literal("ice"), rid }),
  list: v.object({ type: v.literal("list"), rid, ...page }),
  watch: v.object({ type: v.literal("watch"), rid, ...page }),
  unwatch: v.object({ type: v.literal("unwatch"), rid }),
  broadcast: v.object({ type: v.literal("broadcast"), rid }),
  relay: v.object({ type: v.literal("relay"), rid, to: v.nullish(to) }),
  host: v.object({ type: v.literal("host"), rid, to: v.nullish(to) }),
  lock: v.object({ type: v.literal("lock"), rid, password: v.nullish(password) }),
  unlock: v.object({ type: v.literal("unlock"), rid }),
  kick: v.object({ type: v.literal("kick"), rid, to }),
  set: v.object({ type: v.literal("set"), rid, ...listing }),
};
const foreignSchema = v.object({ rid, to });

type OwnMessage = v.InferOutput<typeof ownSchemas[keyof typeof ownSchemas]>;
export type ListMessage = Extract<OwnMessage, { type: "list" | "watch" }>;
const schemas = new Map<string, v.GenericSchema<unknown, OwnMessage>>(Object.entries(ownSchemas));

/** Types only the server says: a client that could send them would speak in its name. */
const SERVER_TYPES: ReadonlySet<string> = new Set(
  [
    "joined",
    "resumed",
    "peer-joined",
    "peer-left",
    "peer-away",
    "peer-back",
    "host-changed",
    "room-changed",
    "rooms",
    "bye",
    "ack",
    "error",
  ] satisfies ServerMessage["type"][],
);

/** The longest text that may be plain. */
const PLAIN_LENGTH = 1_024;
const PLAIN = plainMessages();

/** JSON as its sender wrote it. */
interface Payload {
  readonly payload: string | undefined;
}

export type ClientMessage =
  | Exclude<OwnMessage, { type: "broadcast" | "relay" }>
  | Extract<OwnMessage, { type: "broadcast" | "relay" }> & Payload
  /** A type that is not the server's: passed on unread under its `name`, which is JSON. */
  | v.InferOutput<typeof foreignSchema> & Payload & {
    readonly type: "forward";
    readonly name: string;
  }
  /** A binary frame. Without `to` it is for everybody. */
  | {
    readonly type: "relay-bytes";
    readonly to: string | undefined;
    readonly data: Uint8Array;
    readonly rid?: undefined;
  };

export type JoinMessage = Extract<ClientMessage, { type: "join" | "create" }>;
export type ResumeMessage = Extract<ClientMessage, { type: "resume" }>;
/** What needs a place in a room. */
export type RoomMessage = Exclude<
  ClientMessage,
  { type: "join" | "create" | "resume" | "list" | "watch" | "unwatch" | "ping" | "pong" }
>;
/** What only the room's host may say. */
export type HostMessage = Extract<
  ClientMessage,
  { type: "host" | "lock" | "unlock" | "kick" | "set" }
>;

export type Parsed =
  | { readonly ok: true; readonly message: ClientMessage }
  | { readonly ok: false; readonly fault: Fault; readonly rid: Rid | undefined };

/** Reads one text frame. */
export function parseText(text: string): Parsed {
  const plain = parsePlain(text);
  if (plain) return plain;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refuse("bad-json", `Cannot read the message: ${(error as SyntaxError).message}.`);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return refuse("bad-message", 'A message is a JSON object like {"type":"join","room":"ABCD"}.');
  }
  const known = ridOf(json);
  const type = "type" in json ? json.type : undefined;
  if (typeof type !== "string" || type === "" || type.length > 64) {
    return refuse("bad-message", "`type` must be a string of 1 to 64 characters.", known);
  }
  if (SERVER_TYPES.has(type)) {
    return refuse("bad-message", `Only the server says "${type}": choose another type.`, known);
  }
  const result = v.safeParse(schemas.get(type) ?? foreignSchema, json, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    return refuse("bad-message", `Cannot carry out "${type}": ${wording(issue)}.`, known);
  }
  const message = result.output;
  if (!("type" in message)) {
    const { to, rid } = message;
    const payload = rawMember(text, "payload");
    return { ok: true, message: { type: "forward", name: JSON.stringify(type), to, rid, payload } };
  }
  return message.type === "broadcast" || message.type === "relay"
    ? { ok: true, message: { ...message, payload: rawMember(text, "payload") } }
    : { ok: true, message };
}

/** Reads a plain message, as most are, without making objects of what is passed on unread. */
function parsePlain(text: string): Parsed | undefined {
  if (text.length > PLAIN_LENGTH) return undefined;
  const [, name, to, payload] = PLAIN.exec(text) ?? [];
  if (name === undefined || to === undefined) return undefined;
  if (schemas.has(name) || SERVER_TYPES.has(name)) return undefined;
  return { ok: true, message: { type: "forward", name: `"${name}"`, to, rid: undefined, payload } };
}

/**
 * A part of JSON (RFC 8259): type, receiver and a payload of little depth, as `JSON.stringify`
 * writes them where nothing has to be escaped. Each character can be read in one way only, so a text
 * that does not match costs no more than one that does.
 */
function plainMessages(): RegExp {
  const character = String.raw`[^"\\\u0000-\u001f]`;
  const text = `"${character}*"`;
  const number = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`;
  const scalar = `(?:${text}|${number}|true|false|null)`;
  const objectOf = (value: string) => String.raw`\{(?:${text}:${value}(?:,${text}:${value})*)?\}`;
  const payload = `${scalar}|${objectOf(`(?:${scalar}|${objectOf(scalar)})`)}`;
  const type = `${character}{1,64}`;
  const to = `${character}{0,${RECEIVER_LENGTH}}`;
  return new RegExp(
    String.raw`^\{"type":"(${type})",(?:"from":${text},)?"to":"(${to})","payload":(${payload})\}$`,
  );
}

function ridOf(json: object): Rid | undefined {
  const result = "rid" in json ? v.safeParse(rid, json.rid) : undefined;
  return result?.success ? result.output ?? undefined : undefined;
}

/** Reads one binary frame: the length of the receiver's id, the id (none: everybody), the data. */
export function parseBytes(bytes: Uint8Array): Parsed {
  const length = bytes[0];
  if (length === undefined || bytes.length < 1 + length) {
    return refuse(
      "bad-message",
      "A binary frame is relayed data: one byte for the length of the receiver's id (0: everybody), the id, the data.",
    );
  }
  const to = length === 0 ? undefined : new TextDecoder().decode(bytes.subarray(1, 1 + length));
  return { ok: true, message: { type: "relay-bytes", to, data: bytes.subarray(1 + length) } };
}

function refuse(code: Fault["code"], message: string, rid?: Rid): Parsed {
  return { ok: false, fault: { code, message }, rid };
}

/** An issue in words. Our own schemas' messages name the field; Valibot's do for a missing one. */
function wording(issue: v.BaseIssue<unknown>): string {
  if (issue.expected !== null && issue.received === "undefined") {
    return `\`${v.getDotPath(issue)}\` is missing`;
  }
  return issue.message;
}
