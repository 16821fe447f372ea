/** What has a deadline. Both are written by `Deadlines` alone, which so needs no memory for each. */
export interface Timed {
  due: number;
  place: number;
}

/** The place of what has no deadline. */
export const NOWHERE = -1;

/**
 * What is due when: a binary heap whose items know their places, so that one can be put off or
 * taken out without leaving anything behind.
 */
export class Deadlines<Item extends Timed> {
  readonly #heap: Item[] = [];

  /** When the first item is due; Infinity where there is none. */
  get next(): number {
    return this.#heap[0]?.due ?? Infinity;
  }

  /** Sets, or changes, when the item is due. */
  set(item: Item, due: number): void {
    const earlier = item.place === NOWHERE || due < item.due;
    item.due = due;
    if (item.place === NOWHERE) item.place = this.#heap.push(item) - 1;
    if (earlier) this.#rise(item);
    else this.#sink(item);
  }

  delete(item: Item): void {
    const { place } = item;
    if (place === NOWHERE) return;
    item.place = NOWHERE;
    const last = this.#heap.pop();
    if (!last || last === item) return;
    this.#put(place, last);
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out the first item, where it is due at `now`. */
  take(now: number): Item | undefined {
    const first = this.#heap[0];
    if (!first || first.due > now) return undefined;
    this.delete(first);
    return first;
  }

  #rise(item: Item): void {
    let { place } = item;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#at(above);
      if (parent.due <= item.due) break;
      this.#put(place, parent);
      place = above;
    }
    this.#put(place, item);
  }

  #sink(item: Item): void {
    let { place } = item;
    while (true) {
      let below = 2 * place + 1;
      if (below >= this.#heap.length) break;
      if (below + 1 < this.#heap.length && this.#at(below + 1).due < this.#at(below).due) below++;
      const child = this.#at(below);
      if (child.due >= item.due) break;
      this.#put(place, child);
      place = below;
    }
    this.#put(place, item);
  }

  #put(place: number, item: Item): void {
    this.#heap[place] = item;
    item.place = place;
  }

  #at(place: number): Item {
    const item = this.#heap[place];
    if (!item) throw new RangeError(`No deadline at place ${place}`);
    return item;
  }
}
