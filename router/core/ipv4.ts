/** IPv4 addresses as numbers: home routers map no others. */

export function parseIpv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let ip = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    ip = ip * 256 + Number(part);
  }
  return ip;
}

export function showIpv4(ip: number): string {
  return [ip >>> 24, ip >>> 16 & 255, ip >>> 8 & 255, ip & 255].join(".");
}

export function bytesOfIpv4(ip: number): [number, number, number, number] {
  return [ip >>> 24, ip >>> 16 & 255, ip >>> 8 & 255, ip & 255];
}

/** RFC 1918, and what a provider shares among customers (RFC 6598). */
export function isPrivate(ip: number): boolean {
  const [a, b] = bytesOfIpv4(ip);
  return a === 10 || a === 172 && b >= 16 && b < 32 || a === 192 && b === 168 ||
    a === 100 && b >= 64 && b < 128;
}

/** Such as every machine has for itself alone: loopback, link-local, unspecified. */
export function isOwnOnly(ip: number): boolean {
  const [a, b] = bytesOfIpv4(ip);
  return a === 0 || a === 127 || a === 169 && b === 254;
}
