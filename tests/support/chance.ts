/** Numbers from 0 to 1, the same from the same seed (mulberry32), so that a failure can be had again. */
export function chance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = state + 0x6d2b_79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}
