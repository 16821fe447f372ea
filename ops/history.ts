import type { ProcessNumbers, SignalingNumbers, TurnNumbers } from "./metrics.ts";

/** What every part counts, at one moment. */
export interface Reading {
  /** Unix milliseconds. */
  readonly at: number;
  readonly signaling: SignalingNumbers;
  /** Undefined while the relay is down. */
  readonly turn: TurnNumbers | undefined;
  readonly process: ProcessNumbers;
}

/** What a host watches. Rates are for each second since an earlier reading. */
export interface Sample {
  /** Unix milliseconds. */
  readonly at: number;
  readonly rooms: number;
  readonly players: number;
  /** Null while the relay is down, as its rates are. */
  readonly allocations: number | null;
  /** Bytes of data that came to be relayed, from players and peers, each second. */
  readonly relayBytes: number | null;
  readonly relayPackets: number | null;
  /** Bytes of game data that came over WebSocket to go through the server, each second. */
  readonly passedBytes: number;
  /** Processor time for each second: 1 keeps one core busy. */
  readonly cpu: number;
  /** Resident bytes. */
  readonly memory: number;
  /** Messages, requests and datagrams that were refused, each second. */
  readonly refusals: number;
}

/** The same of many samples, the oldest first, each name once. */
export type Columns = { readonly [Name in keyof Sample]: readonly Sample[Name][] };

/** What was refused since the start, and why. */
export interface Refusal {
  readonly part: "rooms" | "relay" | "limit";
  /** A code of that part, or the limit's name. */
  readonly reason: string;
  readonly count: number;
}

/** What is kept is so far apart, at least. */
const KEPT_SECONDS = 5;
const HOUR_SECONDS = 3_600;

interface Kept {
  /** Of the program's life. */
  readonly second: number;
  readonly sample: Sample;
}

/** The last hour: at most 720 samples, however often readings are taken. */
export class History {
  readonly #kept: Kept[] = [];
  #last: Reading | undefined;
  #lastKept: Reading | undefined;

  /** Takes the next reading in. Answers what happened since the one before. */
  add(reading: Reading): Sample {
    const sample = sampleOf(reading, this.#last);
    this.#last = reading;
    const second = reading.process.uptimeSeconds;
    const ageOf = (kept: Kept | undefined) => second - (kept?.second ?? -Infinity);
    if (ageOf(this.#kept.at(-1)) < KEPT_SECONDS) return sample;
    this.#kept.push({ second, sample: sampleOf(reading, this.#lastKept) });
    this.#lastKept = reading;
    while (ageOf(this.#kept[0]) >= HOUR_SECONDS) this.#kept.shift();
    return sample;
  }

  columns(): Columns {
    const column = <Name extends keyof Sample>(name: Name) =>
      this.#kept.map(({ sample }) => sample[name]);
    return {
      at: column("at"),
      rooms: column("rooms"),
      players: column("players"),
      allocations: column("allocations"),
      relayBytes: column("relayBytes"),
      relayPackets: column("relayPackets"),
      passedBytes: column("passedBytes"),
      cpu: column("cpu"),
      memory: column("memory"),
      refusals: column("refusals"),
    };
  }
}

/** Each reason with its count. A 401 or 438 refuses nobody: every allocation begins with one. */
export function refusalsOf({ signaling, turn }: Reading): Refusal[] {
  const of = (part: Refusal["part"], counts: Readonly<Record<string, number>> = {}) =>
    Object.entries(counts).map(([reason, count]) => ({ part, reason, count }));
  return [
    ...of("rooms", signaling.faultsByCode),
    ...of("relay", turn?.refusedByCode).filter(({ reason }) => !CHALLENGES.has(reason)),
    ...of("relay", turn?.droppedByReason),
    ...of("limit", turn?.limitedBy),
  ];
}

/** RFC 8489 §9.2.4: "unauthenticated" and "stale nonce" bring the nonce to go on with. */
const CHALLENGES: ReadonlySet<string> = new Set(["401", "438"]);

/** What a limit refused is counted by its code or as dropped already. */
function refused(reading: Reading): number {
  return refusalsOf(reading).reduce(
    (sum, { part, count }) => part === "limit" ? sum : sum + count,
    0,
  );
}

function sampleOf(now: Reading, before: Reading = now): Sample {
  const seconds = now.process.uptimeSeconds - before.process.uptimeSeconds;
  // A relay that was started anew counts from zero again.
  const rate = (read: (reading: Reading) => number) =>
    seconds > 0 ? Math.max(0, (read(now) - read(before)) / seconds) : 0;
  const { signaling, turn, process } = now;
  return {
    at: now.at,
    rooms: signaling.rooms,
    players: signaling.peers,
    allocations: turn ? turn.allocations : null,
    relayBytes: turn ? Math.round(rate((r) => relayed(r).bytes)) : null,
    relayPackets: turn ? Math.round(rate((r) => relayed(r).packets)) : null,
    passedBytes: Math.round(rate((r) => r.signaling.relayedBytes)),
    cpu: Number(rate((r) => r.process.cpuSeconds).toFixed(3)),
    memory: process.residentBytes,
    refusals: Number(rate(refused).toFixed(1)),
  };
}

function relayed({ turn }: Reading): { readonly bytes: number; readonly packets: number } {
  return {
    bytes: (turn?.clientBytes ?? 0) + (turn?.peerBytes ?? 0),
    packets: (turn?.clientPackets ?? 0) + (turn?.peerPackets ?? 0),
  };
}
