/** What the unchanged `peerjs` client says and hears (peerjs 1.5.5, PeerServer 1.0.2). */
import * as v from "valibot";
import type { ErrorCode } from "../codes.ts";
import { rawMember } from "../raw_json.ts";

/** As the client checks it. */
const PEER_ID = /^[A-Za-z0-9]+(?:[ _-][A-Za-z0-9]+)*$/;
const PEER_ID_LENGTH = 128;

export function isPeerId(text: string): boolean {
  return text.length <= PEER_ID_LENGTH && PEER_ID.test(text);
}

export interface Transmission {
  readonly type: "OFFER" | "ANSWER" | "CANDIDATE";
  readonly dst: string;
  /** JSON as its sender wrote it. */
  readonly payload: string;
}

export type PeerJsMessage =
  | Transmission
  | { readonly type: "HEARTBEAT" }
  /** The sender gives up its id. */
  | { readonly type: "LEAVE" };

/** What the server says of its own. */
export type PeerJsServerMessage =
  | { readonly type: "OPEN" }
  | { readonly type: "ERROR" | "ID-TAKEN"; readonly payload: { readonly msg: string } }
  | { readonly type: "EXPIRE"; readonly src: string; readonly dst: string };

export type ParsedPeerJs =
  | { readonly ok: true; readonly message: PeerJsMessage }
  | { readonly ok: false; readonly code: ErrorCode };

/**
 * `EXPIRE` is the server's own word, and so is a `LEAVE` to somebody: from a client both would be
 * forged. A payload that is no object would throw in the client that gets it.
 */
const schema = v.variant("type", [
  v.object({ type: v.literal("HEARTBEAT") }),
  v.object({ type: v.literal("LEAVE"), dst: v.nullish(v.literal("")) }),
  v.object({
    type: v.picklist(["OFFER", "ANSWER", "CANDIDATE"]),
    dst: v.pipe(v.string(), v.minLength(1)),
    payload: v.object({}),
  }),
]);

export function parsePeerJs(text: string): ParsedPeerJs {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, code: "bad-json" };
  }
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (!result.success) return { ok: false, code: "bad-message" };
  const { output } = result;
  if (output.type === "HEARTBEAT" || output.type === "LEAVE") return { ok: true, message: output };
  const { type, dst } = output;
  return { ok: true, message: { type, dst, payload: rawMember(text, "payload") ?? "{}" } };
}

/** The frame for the receiver: only what the protocol has, and the sender as the server knows it. */
export function transmissionText({ type, dst, payload }: Transmission, src: string): string {
  return `{"type":"${type}","src":${JSON.stringify(src)},"dst":${
    JSON.stringify(dst)
  },"payload":${payload}}`;
}
