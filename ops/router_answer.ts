/** What the router made of being asked. */
export type RouterAnswer =
  | {
    readonly kind: "forwarded";
    readonly protocol: string;
    readonly router: string;
    readonly externalIp: string;
    readonly mapped: readonly ForwardedPort[];
    readonly missing: readonly (ForwardedPort & { readonly why: string })[];
  }
  | { readonly kind: "not-forwarded"; readonly whys: readonly string[] };

interface ForwardedPort {
  readonly transport: string;
  readonly port: number;
}

/**
 * Lines for the person at the terminal, as the start does not wait for the router. `warnings`: what
 * the addresses that are advertised now will not do.
 */
export function routerAnswer(
  answer: RouterAnswer,
  warnings: readonly { readonly message: string }[],
): string[] {
  return [...answered(answer), ...warnings.map(({ message }) => `  WARNING  ${message}`)];
}

/** This machine has another address by itself. */
export function movedLine(before: readonly string[], now: readonly string[]): string {
  return `  Address  players are told ${now.join(", ")} now, and no longer ${before.join(", ")}`;
}

function answered(answer: RouterAnswer): string[] {
  if (answer.kind === "not-forwarded") {
    const why = answer.whys.length === 0
      ? "no router answered to PCP, NAT-PMP or UPnP"
      : answer.whys.join("; ");
    return [
      `  Router   forwards nothing (${why}): forward the ports by hand, or turn on UPnP in it`,
    ];
  }
  const { protocol, router, externalIp, mapped, missing } = answer;
  return [
    `  Router   ${router} forwards ${
      list(mapped)
    } from ${externalIp} to this machine (${protocol})`,
    ...missing.map(({ why, ...port }) => `           but not ${list([port])}: ${why}`),
  ];
}

function list(ports: readonly ForwardedPort[]): string {
  return ports.map(({ transport, port }) => `${port}/${transport}`).join(", ");
}
