/** What a rank test says of two samples. */
export interface RankTest {
  /** How likely a value of the second is larger than one of the first; 0.5 where nothing tells. */
  readonly share: number;
  /** Two-sided: how likely so large a difference is where there is none. */
  readonly p: number;
}

/**
 * The Mann–Whitney U test, which asks nothing of how times are spread; by its normal approximation,
 * with ties. For samples of 20 and more.
 */
export function mannWhitney(first: readonly number[], second: readonly number[]): RankTest {
  const all = [
    ...first.map((value) => ({ value, second: false })),
    ...second.map((value) => ({ value, second: true })),
  ].sort((a, b) => a.value - b.value);
  let ranks = 0;
  let ties = 0;
  for (let from = 0, to = 0; from < all.length; from = to) {
    while (to < all.length && all[to]?.value === all[from]?.value) to++;
    const equals = all.slice(from, to);
    // Ranks count from 1, and equals share the middle one of theirs.
    ranks += (from + 1 + to) / 2 * equals.filter((each) => each.second).length;
    ties += equals.length ** 3 - equals.length;
  }
  const [m, n] = [first.length, second.length];
  const size = m + n;
  const u = ranks - n * (n + 1) / 2;
  const variance = m * n / 12 * (size + 1 - ties / (size * (size - 1)));
  const z = variance === 0 ? 0 : (u - m * n / 2) / Math.sqrt(variance);
  return { share: u / (m * n), p: complementaryError(Math.abs(z) / Math.SQRT2) };
}

/** erfc for x ≥ 0, within 1.5e-7 (Abramowitz & Stegun 7.1.26). */
function complementaryError(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const factors = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  return factors.reduce((sum, factor) => sum * t + factor, 0) * t * Math.exp(-x * x);
}
