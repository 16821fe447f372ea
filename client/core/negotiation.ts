/** Perfect negotiation (W3C WebRTC §10.7): who yields when both sides offer at once. */
import type { Description } from "./protocol.ts";

export interface Standing {
  readonly polite: boolean;
  /** An offer of ours is being made. */
  readonly makingOffer: boolean;
  /** An answer is being set, after which the state is stable. */
  readonly settingAnswer: boolean;
  readonly signalingState: string;
}

/** Whether to take a description from the other side. The impolite side ignores an offer in glare. */
export function takes(description: Description, standing: Standing): boolean {
  const ready = !standing.makingOffer &&
    (standing.signalingState === "stable" || standing.settingAnswer);
  return description.type !== "offer" || ready || standing.polite;
}

export type GenerationVerdict = "current" | "newer" | "stale";

export function compareGenerations(theirs: number, ours: number): GenerationVerdict {
  return theirs === ours ? "current" : theirs > ours ? "newer" : "stale";
}
