/** Who can reach an IPv4 address; undefined for what is none. */
export function reachOf(text: string): "internet" | "home" | "carrier" | undefined {
  const parts = text.split(".").map(Number);
  const [a = NaN, b = NaN] = parts;
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  if (a === 0 || a === 127 || a >= 224 || a === 169 && b === 254) return undefined;
  if (a === 100 && b >= 64 && b < 128) return "carrier";
  return a === 10 || a === 172 && b >= 16 && b < 32 || a === 192 && b === 168 ? "home" : "internet";
}
