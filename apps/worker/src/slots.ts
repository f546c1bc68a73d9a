/** Slots: how many attempts a process may have in flight, over all its shards. */
export class Slots {
  readonly #count: number;
  #free: number;
  #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  get count(): number {
    return this.#count;
  }

  get free(): number {
    return this.#free;
  }

  /** take gives up to `most` slots, none where none is free; each is to be given back. */
  take(most: number): number {
    const taken = Math.max(0, Math.min(most, this.#free));
    this.#free -= taken;
    return taken;
  }

  give(count: number): void {
    this.#free += count;
    // One slot is for one of those who wait; whoever finds it gone waits again.
    for (let i = 0; i < count; i++) this.#waiting.shift()?.();
  }

  /** wakeAll tells everybody who waits, slot or none: they are to look whether they should go on. */
  wakeAll(): void {
    for (const tell of this.#waiting.splice(0)) tell();
  }

  /** untilFree resolves once a slot may be free: those who wait are told one after the other. */
  async untilFree(): Promise<void> {
    if (this.#free > 0) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
