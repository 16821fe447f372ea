import type { Context } from "hono";
import type { Player, Sessions } from "../sessions.ts";
import type { RefusedToken } from "../tokens.ts";
import { refuse } from "./answers.ts";
import { bearerOf } from "./requests.ts";

export type Found =
  | { readonly kind: "player"; readonly player: Player; readonly token: string }
  | { readonly kind: "refused"; readonly response: Response };

/** Who shows a token, or the answer to one who shows none that holds. */
export async function playerOf(
  c: Context,
  { sessions, realm }: { readonly sessions: Sessions; readonly realm: string },
): Promise<Found> {
  const token = bearerOf(c);
  if (!token) return { kind: "refused", response: refuse(c, realm, NO_TOKEN, "none") };
  const found = await sessions.authenticate(token);
  return found.kind === "player"
    ? { ...found, token }
    : { kind: "refused", response: refuse(c, realm, found, "shown") };
}

const NO_TOKEN: RefusedToken = {
  kind: "refused",
  code: "unauthorized",
  message: "This needs a token: log in, and send it as `Authorization: Bearer <token>`.",
};
