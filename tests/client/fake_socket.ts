/** A WebSocket whose server is the test. */

// deno-lint-ignore no-explicit-any -- What comes is checked by the test that reads it.
type Message = Record<string, any>;

export class FakeSocket {
  binaryType = "";
  bufferedAmount = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: (() => void) | null = null;
  /** The code that the client closed with, 1005 for none. */
  closed: number | undefined;
  /** What the client said and nobody took yet. */
  readonly said: Message[] = [];
  /** A server that is more than the test. */
  onsay: (data: string | Uint8Array) => void = () => {};

  constructor(readonly url: string, readonly protocols: readonly string[]) {}

  send(data: string | Uint8Array): void {
    if (typeof data === "string") this.said.push(JSON.parse(data));
    this.onsay(data);
  }

  close(code = 1005): void {
    this.closed ??= code;
  }

  /** What the client said first that has this type. */
  take(type: string): Message {
    const index = this.said.findIndex((message) => message.type === type);
    if (index < 0) throw new Error(`No ${type} among ${JSON.stringify(this.said)}`);
    return this.said.splice(index, 1)[0] ?? {};
  }

  hear(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }
}
