/** What the router grants, and when it is asked again: which state follows which. */

export type Protocol = "PCP" | "NAT-PMP" | "UPnP";

/** A port of this machine that players are to reach at the same number of the router. */
export interface Port {
  readonly transport: "udp" | "tcp";
  readonly port: number;
}

/** What one router forwards. */
export interface Grant {
  readonly protocol: Protocol;
  /** The router's address on this machine's network. */
  readonly router: string;
  /** The router's address on its other side; that need not be the internet. */
  readonly externalIp: string;
  readonly mapped: readonly Port[];
  /** What was asked for and is not forwarded, and why. */
  readonly missing: readonly (Port & { readonly why: string })[];
  /** The shortest of all mappings; `Infinity` where they last until they are removed. */
  readonly lifetimeSeconds: number;
}

export type Asked =
  | { readonly kind: "granted"; readonly grant: Grant }
  /** By each protocol that was tried: who said no, or that nobody said anything. */
  | { readonly kind: "refused"; readonly whys: readonly string[] };

/** Times are on the caller's clock, in milliseconds. */
export type Lease =
  /** Every protocol is tried in turn now. */
  | { readonly kind: "seeking"; readonly attempt: number }
  | {
    readonly kind: "held";
    readonly grant: Grant;
    readonly since: number;
    readonly endsAt: number;
    readonly failures: number;
    readonly nextAt: number;
  }
  /** The router that granted is asked again now, by the same protocol. */
  | {
    readonly kind: "renewing";
    readonly grant: Grant;
    readonly endsAt: number;
    readonly failures: number;
  }
  | {
    readonly kind: "refused";
    readonly whys: readonly string[];
    readonly attempt: number;
    readonly nextAt: number;
  }
  | { readonly kind: "closed" };

export type Happening =
  | Asked
  | { readonly kind: "due" }
  /** Whoever has this address says that its external address is another, or that it began anew. */
  | { readonly kind: "announced"; readonly from: string }
  /** This machine is in other networks than it was. */
  | { readonly kind: "moved" }
  | { readonly kind: "closed" };

/**
 * What is asked for. Short, so that a crash leaves no open port for long (RFC 6887 §15), and that
 * what is mapped to another address that this machine had does not keep the port from it for long.
 */
export const LIFETIME_SECONDS = 600;

/**
 * A renewal also finds a new external address and a router that has started again and forgotten: so
 * it comes far sooner than the end of the mapping would ask for.
 */
const RENEW_MS = 60_000;
const RETRY_MS = 10_000;
const MAX_FAILURES = 3;
/**
 * Between two times that a router is asked because it announced something: it does so several times
 * (RFC 6886 §3.2.1), and anybody can in its name.
 */
const ANNOUNCED_MS = 5_000;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 30 * 60_000;

export function follow(lease: Lease, happening: Happening, now: number): Lease {
  if (happening.kind === "closed" || lease.kind === "closed") return { kind: "closed" };
  switch (happening.kind) {
    case "due":
      return wake(lease);
    case "announced":
      return lease.kind === "held" && lease.grant.router === happening.from
        ? hasten(lease, now)
        : lease;
    case "moved":
      return lease.kind === "held" || lease.kind === "refused"
        ? { kind: "seeking", attempt: 0 }
        : lease;
  }
  if (lease.kind !== "seeking" && lease.kind !== "renewing") return lease;
  if (happening.kind === "granted") return hold(happening.grant, now);
  if (lease.kind === "renewing") return failRenewal(lease, now);
  const wait = Math.min(FIRST_WAIT_MS * 2 ** lease.attempt, LONGEST_WAIT_MS);
  return {
    kind: "refused",
    whys: happening.whys,
    attempt: lease.attempt + 1,
    nextAt: now + wait,
  };
}

/** A router that does not answer at the end must not hold it up; its mappings run out. */
const LONGEST_CLOSE_MS = 3_000;
/** One that is there answers sooner, and a stop without a grace shall not leave ports open. */
const LEAST_CLOSE_MS = 500;

/** How long the end waits for the router, where the stop has this much patience. In milliseconds. */
export function closingPatience(patienceMs: number): number {
  return Math.max(LEAST_CLOSE_MS, Math.min(patienceMs, LONGEST_CLOSE_MS));
}

function wake(lease: Exclude<Lease, { kind: "closed" }>): Lease {
  switch (lease.kind) {
    case "held": {
      const { grant, endsAt, failures } = lease;
      return { kind: "renewing", grant, endsAt, failures };
    }
    case "refused":
      return { kind: "seeking", attempt: lease.attempt };
    case "seeking":
    case "renewing":
      return lease;
  }
}

function hasten(lease: Lease & { kind: "held" }, now: number): Lease {
  const soonest = Math.max(now, lease.since + ANNOUNCED_MS);
  return soonest < lease.nextAt ? { ...lease, nextAt: soonest } : lease;
}

/** RFC 6886 §3.3, RFC 6887 §11.2.1: renewed when half of the lifetime is over, at the latest. */
function hold(grant: Grant, now: number): Lease {
  const lifetime = grant.lifetimeSeconds * 1_000;
  return {
    kind: "held",
    grant,
    since: now,
    endsAt: now + lifetime,
    failures: 0,
    nextAt: now + Math.min(RENEW_MS, lifetime / 2),
  };
}

function failRenewal(
  { grant, endsAt, failures }: Lease & { kind: "renewing" },
  now: number,
): Lease {
  const nextAt = now + RETRY_MS * 2 ** failures;
  if (failures + 1 >= MAX_FAILURES || nextAt >= endsAt) return { kind: "seeking", attempt: 0 };
  return { kind: "held", grant, since: now, endsAt, failures: failures + 1, nextAt };
}
