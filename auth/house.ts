/** The running server, as a host may look at it and end it. */
export interface House {
  /**
   * Server-sent events of what happens here, for as long as `holds`; undefined where too many
   * listen already, or the server is stopping.
   */
  live(holds: () => Promise<boolean>): ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  /** Looks what keeps players away. It takes some seconds. */
  check(): Promise<object>;
  /** Sends everybody off and ends the program, as SIGTERM does. */
  drain(): void;
}
