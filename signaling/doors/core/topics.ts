import type { ErrorCode } from "../../codes.ts";
import type { ConnectionId, Entry } from "../../core/mod.ts";
import { parseYWebrtc, publicationText } from "../y_webrtc_messages.ts";
import { type Client, DoorCore } from "./door_core.ts";

/** A provider needs one topic for each document. */
const TOPICS_PER_CONNECTION = 100;

interface Subscriber extends Client {
  readonly topics: Set<string>;
}

/** The signaling of `y-webrtc` without sockets: topics, and those who hear what is published there. */
export class Topics extends DoorCore<Subscriber> {
  readonly #topics = new Map<string, Set<Subscriber>>();

  /** Topics that somebody listens to. */
  get size(): number {
    return this.#topics.size;
  }

  opened(id: ConnectionId, entry: Entry, now: number): void {
    this.lines.now = now;
    this.enter({ ...this.lineOf(id, entry), topics: new Set() }, entry.authentication);
  }

  protected override carryOut(client: Subscriber, text: string): ErrorCode | undefined {
    const parsed = parseYWebrtc(text);
    if (!parsed.ok) return parsed.code;
    const { message } = parsed;
    switch (message.type) {
      case "subscribe":
        return this.#subscribe(client, message.topics);
      case "unsubscribe":
        for (const topic of message.topics) this.#unsubscribe(client, topic);
        return undefined;
      case "publish":
        this.#publish(message.topic, text);
        return undefined;
      case "ping":
        this.lines.send(client, '{"type":"pong"}');
        return undefined;
    }
  }

  protected override left(client: Subscriber): void {
    for (const topic of client.topics) this.#unsubscribe(client, topic);
  }

  /** Takes as many as may be, in order. */
  #subscribe(client: Subscriber, topics: readonly string[]): ErrorCode | undefined {
    for (const topic of topics) {
      if (client.topics.has(topic)) continue;
      const subscribers = this.#topics.get(topic) ?? new Set();
      if (client.topics.size >= TOPICS_PER_CONNECTION) return "too-many-rooms";
      if (subscribers.size >= this.limits.peersPerRoom) return "room-full";
      if (subscribers.size === 0 && this.#topics.size >= this.limits.rooms) return "too-many-rooms";
      subscribers.add(client);
      client.topics.add(topic);
      this.#topics.set(topic, subscribers);
    }
    return undefined;
  }

  #unsubscribe(client: Subscriber, topic: string): void {
    if (!client.topics.delete(topic)) return;
    const subscribers = this.#topics.get(topic);
    subscribers?.delete(client);
    if (subscribers?.size === 0) this.#topics.delete(topic);
  }

  /** To every subscriber, the sender too, who need not be one. */
  #publish(topic: string, text: string): void {
    const subscribers = this.#topics.get(topic);
    if (!subscribers) return;
    const publication = publicationText(text, subscribers.size);
    for (const subscriber of subscribers) this.lines.send(subscriber, publication);
  }
}
