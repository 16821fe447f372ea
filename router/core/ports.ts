/** Which ports players outside need. */
import { isOwnOnly, parseIpv4 } from "./ipv4.ts";
import type { Port } from "./lease.ts";

export interface Listeners {
  readonly http: { readonly host: string };
  readonly httpPort: number;
  readonly turn: { readonly hosts: readonly string[] };
  readonly turnPort: number;
  /** Absent where there is no TLS. */
  readonly tlsPort: number | undefined;
}

/** HTTP on this machine alone is behind a proxy, and forwarding it would lead to nothing. */
export function portsToForward({ http, httpPort, turn, turnPort, tlsPort }: Listeners): Port[] {
  const ports: Port[] = [];
  if (isOnNetwork(http.host)) {
    ports.push({ transport: "tcp", port: httpPort });
    if (tlsPort !== undefined) ports.push({ transport: "tcp", port: tlsPort });
  }
  if (turn.hosts.some(isOnNetwork)) {
    ports.push({ transport: "udp", port: turnPort }, { transport: "tcp", port: turnPort });
  }
  return ports;
}

function isOnNetwork(host: string): boolean {
  const ip = parseIpv4(host);
  return host === "0.0.0.0" || host === "::" || ip !== undefined && !isOwnOnly(ip);
}
