/** A refusal with a stable `code`: the server's (docs/protocol.md) or one of the client's own. */
export class HearthError extends Error {
  override readonly name = "HearthError";
  constructor(readonly code: string, message: string) {
    super(message);
  }
}
