/** Random numbers from a seed: the same seed gives the same run, as far as the machine lets it. */

/** Random gives a number in [0, 1). */
export type Random = () => number;

/** createRandom is mulberry32: 32 bits of state are plenty for choosing faults. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** randomBetween gives a number in [from, to). */
export function randomBetween(random: Random, from: number, to: number): number {
  return from + random() * (to - from);
}

/** pickRandom picks a member. Throws for an empty list. */
export function pickRandom<T>(random: Random, members: readonly T[]): T {
  const picked = members[Math.floor(random() * members.length)];
  if (picked === undefined) throw new Error("there is nothing to choose from");
  return picked;
}
