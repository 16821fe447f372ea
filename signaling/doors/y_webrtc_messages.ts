/** What the unchanged `y-webrtc` provider says and hears (y-webrtc 10.3.0). */
import * as v from "valibot";
import type { ErrorCode } from "../codes.ts";

const TOPIC_LENGTH = 256;

const topic = v.pipe(v.string(), v.minLength(1), v.maxLength(TOPIC_LENGTH));
const topics = v.array(topic);
const schema = v.variant("type", [
  v.object({ type: v.literal("subscribe"), topics }),
  v.object({ type: v.literal("unsubscribe"), topics }),
  v.object({ type: v.literal("publish"), topic }),
  v.object({ type: v.literal("ping") }),
]);

export type ParsedYWebrtc =
  | { readonly ok: true; readonly message: v.InferOutput<typeof schema> }
  | { readonly ok: false; readonly code: ErrorCode };

export function parseYWebrtc(text: string): ParsedYWebrtc {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, code: "bad-json" };
  }
  const result = v.safeParse(schema, json, { abortEarly: true });
  return result.success ? { ok: true, message: result.output } : { ok: false, code: "bad-message" };
}

/** The publication as it came, unknown members too, and how many hear it. `json` is an object. */
export function publicationText(json: string, clients: number): string {
  return `${json.slice(0, json.lastIndexOf("}"))},"clients":${clients}}`;
}
