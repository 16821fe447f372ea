/** The median of a sample with the quartiles around it, all in the sample's unit. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The value below which the share `q` (0 to 1) of an ascending sample lies, interpolated. */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  const place = (ascending.length - 1) * q;
  const below = ascending[Math.floor(place)];
  const above = ascending[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError("An empty sample");
  return below + (above - below) * (place % 1);
}

export function summarize(sample: readonly number[]): Summary {
  const ascending = sample.toSorted((a, b) => a - b);
  return {
    median: quantile(ascending, 0.5),
    low: quantile(ascending, 0.25),
    high: quantile(ascending, 0.75),
  };
}

/** For people: `1.25 [1.20–1.31]`. */
export function withSpread({ median, low, high }: Summary, digits: number): string {
  return `${median.toFixed(digits)} [${low.toFixed(digits)}–${high.toFixed(digits)}]`;
}

/**
 * Each round's own ratio, so that what slows a whole round cancels out. `undefined` when a round is
 * too short for the process clock (0 of CPU time), which no ratio can be made of.
 */
export function pairedRatio(
  sample: readonly number[],
  reference: readonly number[],
): Summary | undefined {
  if (sample.length !== reference.length) throw new RangeError("Ratios need the same rounds");
  if (reference.some((value) => value === 0)) return undefined;
  return summarize(sample.map((value, round) => value / (reference[round] ?? NaN)));
}

/** Who runs in which order: turned by one place each round, so that nobody keeps a place. */
export function orderOf<T>(contestants: readonly T[], round: number): T[] {
  const turn = round % Math.max(contestants.length, 1);
  return [...contestants.slice(turn), ...contestants.slice(0, turn)];
}
