/** What the browser measured of the candidate pair in use (W3C WebRTC Statistics §8.7 and 8.8). */
import type { PeerConnection } from "./environment.ts";

export interface PathReport {
  readonly path: "direct" | "relayed";
  /** Seconds. */
  readonly rtt: number | undefined;
}

/** Undefined where no pair is in use, or the connection is closed. */
export async function readPath(connection: PeerConnection): Promise<PathReport | undefined> {
  const reports = new Map<unknown, Record<string, unknown>>();
  const stats = await connection.getStats().catch(() => undefined);
  stats?.forEach((report) => reports.set(report["id"], report));
  const all = [...reports.values()];
  const transport = all.find(({ type }) => type === "transport");
  const pair = reports.get(transport?.["selectedCandidatePairId"]) ??
    all.find((report) => report["type"] === "candidate-pair" && report["nominated"]);
  if (!pair) return undefined;
  const relayed = ["localCandidateId", "remoteCandidateId"].some((end) =>
    reports.get(pair[end])?.["candidateType"] === "relay"
  );
  const rtt = pair["currentRoundTripTime"];
  return {
    path: relayed ? "relayed" : "direct",
    rtt: typeof rtt === "number" ? rtt : undefined,
  };
}
