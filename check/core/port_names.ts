import type { Port } from "./facts.ts";

/** Such as `8080/tcp, 3478/udp`. */
export function namesOf(ports: readonly Port[]): string {
  return ports.map(({ port, transport }) => `${port}/${transport}`).join(", ");
}
