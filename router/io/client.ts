import {
  type Asked,
  type Grant,
  LIFETIME_SECONDS,
  type MapAnswer,
  type Port,
  type Protocol,
} from "../core/mod.ts";

/** One router, asked by one protocol. */
export interface Client {
  /** Asks for all of them, or for all of them again. Undefined where nobody answers. */
  map(ports: readonly Port[]): Promise<Asked | undefined>;
  unmap(ports: readonly Port[]): Promise<void>;
}

/** Where the answers of a client's protocol come from. */
export interface Wire {
  readonly protocol: Protocol;
  readonly router: string;
  /** Undefined where nothing came. */
  mapOne(port: Port, lifetimeSeconds: number): Promise<MapAnswer | undefined>;
  /** For a protocol that does not say it with each mapping. */
  externalIp?(): Promise<string | undefined>;
}

/** A lifetime that a router made up wrongly would have it asked all the time. */
const LEAST_LIFETIME_SECONDS = 60;

/** Asks for one port after another, as small routers like it. */
export async function mapAll(wire: Wire, ports: readonly Port[]): Promise<Asked | undefined> {
  const { protocol, router } = wire;
  const mapped: Port[] = [];
  const missing: Grant["missing"][number][] = [];
  let lifetimeSeconds = Infinity;
  let externalIp: string | undefined;
  for (const port of ports) {
    const answer = await wire.mapOne(port, LIFETIME_SECONDS);
    if (answer === undefined && mapped.length === 0 && missing.length === 0) return undefined;
    if (answer?.kind !== "mapped") {
      missing.push({ ...port, why: answer?.why ?? "it did not answer" });
    } else if (answer.externalPort !== port.port) {
      // Players have the number in links and in ICE servers: another one is of no use to them.
      await wire.mapOne(port, 0);
      missing.push({ ...port, why: "the port is taken" });
    } else {
      mapped.push(port);
      externalIp ??= answer.externalIp;
      lifetimeSeconds = Math.min(lifetimeSeconds, answer.lifetimeSeconds);
    }
  }
  if (mapped.length > 0) externalIp ??= await wire.externalIp?.();
  if (externalIp === undefined) {
    const why = missing[0]?.why ?? "it does not tell its address";
    return { kind: "refused", whys: [`${router} (${protocol}): ${why}`] };
  }
  lifetimeSeconds = Math.max(lifetimeSeconds, LEAST_LIFETIME_SECONDS);
  return {
    kind: "granted",
    grant: { protocol, router, externalIp, mapped, missing, lifetimeSeconds },
  };
}

/** Removes one after another; a router that no longer answers is not waited for. */
export async function unmapAll(wire: Wire, ports: readonly Port[]): Promise<void> {
  for (const port of ports) {
    if (await wire.mapOne(port, 0) === undefined) return;
  }
}
