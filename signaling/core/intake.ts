import { Buffer } from "node:buffer";
import type { ByeCode, Fault } from "../codes.ts";
import type { SignalingLimits } from "../limits.ts";
import type { Rid } from "../messages.ts";
import { type ClientMessage, parseBytes, parseText } from "../protocol.ts";
import type { Connection, Connections } from "./connections.ts";
import { CONNECTIONS_WORTH, isHeard, LEAST_RELAY_COST } from "./networks.ts";

/** Whoever acts on what is let in. */
interface Hub {
  /** Acts on a message; answers what is wrong with it, if anything is. */
  carryOut(connection: Connection, message: ClientMessage, rid: Rid | undefined): Fault | undefined;
  /** Ends the connection but keeps its peer's place. */
  lose(connection: Connection, code: ByeCode, message: string): void;
}

/** What connections say: read as far as they may say it, and answered where it is wrong. */
export class Intake {
  readonly #limits: SignalingLimits;
  readonly #connections: Connections;
  readonly #hub: Hub;
  /** Bytes of game data that were let in. */
  relayedBytes = 0;

  constructor(limits: SignalingLimits, connections: Connections, hub: Hub) {
    this.#limits = limits;
    this.#connections = connections;
    this.#hub = hub;
  }

  /** One frame: text or bytes. Whatever it leads to is charged to who sent it. */
  take(connection: Connection, data: string | Uint8Array): void {
    this.#connections.hear();
    this.#read(connection, data);
    this.#connections.pay(connection);
  }

  #read(connection: Connection, data: string | Uint8Array): void {
    if (!isHeard(connection.network, this.#connections.now)) {
      return this.#dropUnread(connection);
    }
    connection.silenced = false;
    const { maxMessageBytes } = this.#limits;
    if (isLonger(data, maxMessageBytes)) {
      const size = sizeOf(data);
      // It pays by its size, so that giants end the connection soon.
      if (!this.#charge(connection, Math.ceil(size / maxMessageBytes), undefined)) return;
      return this.#connections.fault(connection, {
        code: "too-large",
        message:
          `A message of ${size} bytes came; the limit is ${maxMessageBytes}. Send less at once, or use a data channel.`,
      });
    }
    const parsed = typeof data === "string" ? parseText(data) : parseBytes(data);
    const rid = (parsed.ok ? parsed.message.rid : parsed.rid) ?? undefined;
    if (parsed.ok && isRelay(parsed.message)) {
      if (!this.#chargeRelay(connection, sizeOf(data), rid)) return;
    } else if (!this.#charge(connection, 1, rid)) return;
    const fault = parsed.ok ? this.#hub.carryOut(connection, parsed.message, rid) : parsed.fault;
    if (fault) this.#connections.fault(connection, fault, rid);
    else this.#connections.acknowledge(connection, rid);
  }

  /**
   * The network's connections have sent too much together, or to too many: what comes costs neither
   * reading nor, after the first time, an answer.
   */
  #dropUnread(connection: Connection): void {
    const verdict = connection.network.messages.spend(1, this.#connections.now);
    if (verdict !== "abuse" && connection.silenced) {
      return this.#connections.countFault("rate-limited");
    }
    const message = `More came from your address than its ${
      CONNECTIONS_WORTH * this.#limits.messagesPerSecond
    } messages a second, or went to too many: until it is less, what comes is dropped unread. Send less, or put more into each message.`;
    if (verdict === "abuse") this.#hub.lose(connection, "rate-limited", message);
    else {
      connection.silenced = true;
      this.#connections.fault(connection, { code: "rate-limited", message });
    }
  }

  #charge(connection: Connection, cost: number, rid: Rid | undefined): boolean {
    connection.network.messages.spend(cost, this.#connections.now);
    const verdict = connection.messages.spend(cost, this.#connections.now);
    if (verdict === "within") return true;
    const { messagesPerSecond, messageBurst } = this.#limits;
    const message =
      `More than ${messagesPerSecond} messages a second came (${messageBurst} at once): this one was dropped. Send fewer, or put more into each.`;
    if (verdict === "over") {
      this.#connections.fault(connection, { code: "rate-limited", message }, rid);
    } else this.#hub.lose(connection, "rate-limited", message);
    return false;
  }

  /** Within its own limit game data costs no messages; beyond it, it is refused and does. */
  #chargeRelay(connection: Connection, size: number, rid: Rid | undefined): boolean {
    const relayed = this.#connections.relayed(connection);
    if (relayed.afford(Math.max(size, LEAST_RELAY_COST), this.#connections.now)) {
      this.relayedBytes += size;
      return true;
    }
    if (this.#charge(connection, 1, rid)) {
      this.#connections.fault(connection, {
        code: "rate-limited",
        message:
          `More than ${this.#limits.relayBytesPerSecond} bytes of relayed data a second came: this message was dropped. Send less, or use a data channel.`,
      }, rid);
    }
    return false;
  }
}

function sizeOf(data: string | Uint8Array): number {
  return typeof data === "string" ? Buffer.byteLength(data) : data.length;
}

/** Counts the bytes of a text only where its length does not tell: none has more than three each. */
function isLonger(data: string | Uint8Array, bytes: number): boolean {
  return data.length > bytes || data.length * 3 > bytes && sizeOf(data) > bytes;
}

function isRelay(message: ClientMessage): boolean {
  return message.type === "relay" || message.type === "relay-bytes";
}
