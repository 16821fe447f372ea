import type { Context, MiddlewareHandler } from "hono";
import * as v from "valibot";
import { fail } from "./answers.ts";
import type { Env } from "./env.ts";
import { parseJson } from "./json_body.ts";

const MAX_BYTES = 4 * 1024;
/** So few bytes come at once, or somebody holds the connection on purpose. */
const MAX_MS = 10_000;

/** Takes the body in, whole, before anything is done; more than a login needs is turned away. */
export const takeBody: MiddlewareHandler<Env> = async (c, next) => {
  const told = Number(c.req.header("content-length") ?? 0);
  const body = told > MAX_BYTES ? "too-large" : await readBytes(c.req.raw.body, MAX_BYTES, MAX_MS);
  if (body === "too-large") {
    return fail(c, 413, body, `The body has more than ${MAX_BYTES} bytes.`);
  }
  if (body === "too-slow") {
    c.header("Connection", "close");
    return fail(c, 408, body, `The body was not all there after ${MAX_MS / 1000} s.`);
  }
  c.set("body", body);
  return await next();
};

/** All bytes, where they are `most` at most and come within `ms` milliseconds. */
export async function readBytes(
  stream: ReadableStream<Uint8Array> | null,
  most: number,
  ms: number,
): Promise<Uint8Array | "too-large" | "too-slow"> {
  if (!stream) return new Uint8Array();
  const reader = stream.getReader();
  const late = Promise.withResolvers<"too-slow">();
  const timer = setTimeout(() => late.resolve("too-slow"), ms);
  const pieces: Uint8Array[] = [];
  try {
    for (let size = 0;;) {
      const piece = await Promise.race([reader.read(), late.promise]);
      if (piece === "too-slow") return piece;
      if (piece.done) return concatenate(pieces, size);
      size += piece.value.length;
      if (size > most) return "too-large";
      pieces.push(piece.value);
    }
  } finally {
    clearTimeout(timer);
    // What is left of it is nobody's concern, nor is a connection that broke.
    reader.cancel().catch(() => {});
  }
}

function concatenate(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export type Read<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "refused"; readonly response: Response };

/**
 * The body as JSON; `hint` says what it has to be. Browsers send forms across sites unasked; for
 * JSON they ask first (Fetch §3.3, CORS preflight).
 */
export function readJson<T>(
  c: Context,
  schema: v.GenericSchema<unknown, T>,
  hint: string,
): Read<T> {
  const refused = (response: Response) => ({ kind: "refused", response }) as const;
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    return refused(
      fail(c, 415, "wrong-type", "Send the body as `Content-Type: application/json`."),
    );
  }
  const body = parseJson(c.get("body"));
  if (body.kind === "bad") return refused(fail(c, 400, "bad-json", body.message));
  const parsed = v.safeParse(schema, body.value);
  return parsed.success
    ? { kind: "read", value: parsed.output }
    : refused(fail(c, 400, "bad-message", `Send ${hint}.`));
}

/** As `readJson`, where no body at all stands for an object without fields. */
export function readOptionalJson<T>(
  c: Context,
  schema: v.GenericSchema<unknown, T>,
  hint: string,
): Read<T> {
  if (c.get("body").length > 0) return readJson(c, schema, hint);
  return { kind: "read", value: v.parse(schema, {}) };
}
