/**
 * What is due when: a binary heap that knows each item's place, so that an item can be put off or
 * taken out without leaving anything behind.
 */
export class Deadlines<Item> {
  readonly #heap: { readonly item: Item; due: number }[] = [];
  readonly #places = new Map<Item, number>();

  /** When the first item is due; Infinity where there is none. */
  get next(): number {
    return this.#heap[0]?.due ?? Infinity;
  }

  /** Sets, or changes, when the item is due. */
  set(item: Item, due: number): void {
    const place = this.#places.get(item);
    if (place === undefined) {
      this.#heap.push({ item, due });
      this.#rise(this.#heap.length - 1);
      return;
    }
    const entry = this.#at(place);
    const earlier = due < entry.due;
    entry.due = due;
    if (earlier) this.#rise(place);
    else this.#sink(place);
  }

  delete(item: Item): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.#heap.pop();
    if (!last || last.item === item) return;
    this.#put(place, last);
    this.#rise(place);
    this.#sink(this.#places.get(last.item) ?? place);
  }

  /** Takes out the first item, where it is due at `now`. */
  take(now: number): Item | undefined {
    const first = this.#heap[0];
    if (!first || first.due > now) return undefined;
    this.delete(first.item);
    return first.item;
  }

  #rise(place: number): void {
    const entry = this.#at(place);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#at(parent).due <= entry.due) break;
      this.#put(place, this.#at(parent));
      place = parent;
    }
    this.#put(place, entry);
  }

  #sink(place: number): void {
    const entry = this.#at(place);
    while (true) {
      let child = 2 * place + 1;
      if (child >= this.#heap.length) break;
      if (child + 1 < this.#heap.length && this.#at(child + 1).due < this.#at(child).due) child++;
      if (this.#at(child).due >= entry.due) break;
      this.#put(place, this.#at(child));
      place = child;
    }
    this.#put(place, entry);
  }

  #put(place: number, entry: { readonly item: Item; due: number }): void {
    this.#heap[place] = entry;
    this.#places.set(entry.item, place);
  }

  #at(place: number) {
    const entry = this.#heap[place];
    if (!entry) throw new RangeError(`No deadline at place ${place}`);
    return entry;
  }
}
