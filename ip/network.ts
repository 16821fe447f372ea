/**
 * The network that one subscriber holds, as far as its address tells: the address itself for IPv4,
 * the /64 for IPv6 (RFC 6177: a home has at least that). What limits are counted by.
 */
export function networkOf(address: string): string {
  const withoutZone = address.replace(/%.*$/, "");
  if (!withoutZone.includes(":") || !URL.canParse(`http://[${withoutZone}]/`)) return address;
  const groups = groupsOf(new URL(`http://[${withoutZone}]/`).hostname.slice(1, -1));
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") return mappedIpv4(groups);
  return groups.slice(0, 4).join(":") + "::/64";
}

/** The eight groups of an IPv6 address in its canonical form (RFC 5952). */
function groupsOf(canonical: string): string[] {
  const [head = "", tail] = canonical.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = new Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after];
}

/** `::ffff:a.b.c.d` is how a dual-stack socket shows an IPv4 client (RFC 4291 §2.5.5.2). */
function mappedIpv4(groups: readonly string[]): string {
  return groups.slice(6)
    .map((group) => parseInt(group, 16))
    .flatMap((pair) => [pair >> 8, pair & 0xff])
    .join(".");
}
