/** A list that forgets its oldest values: the simulator is the target of load tests that run for hours. */

/** RingBuffer keeps the newest `capacity` values in the order they came; the oldest make room and are counted. */
export interface RingBuffer<T extends object> {
  push(value: T): void;
  /** All that is kept, oldest first. */
  values(): Iterable<T>;
  readonly size: number;
  /** How many were pushed out since the last `clear`. */
  readonly dropped: number;
  clear(): void;
}

/** createRingBuffer makes an empty ring. It grows as it fills, so that an unused one costs nothing. */
export function createRingBuffer<T extends object>(capacity: number): RingBuffer<T> {
  let slots: T[] = [];
  let oldest = 0;
  let dropped = 0;
  return {
    push(value) {
      if (slots.length < capacity) {
        slots.push(value);
        return;
      }
      slots[oldest] = value;
      oldest = (oldest + 1) % capacity;
      dropped++;
    },
    *values() {
      for (let index = 0; index < slots.length; index++) {
        const value = slots[(oldest + index) % slots.length];
        if (value !== undefined) yield value;
      }
    },
    get size() {
      return slots.length;
    },
    get dropped() {
      return dropped;
    },
    clear() {
      slots = [];
      oldest = 0;
      dropped = 0;
    },
  };
}
