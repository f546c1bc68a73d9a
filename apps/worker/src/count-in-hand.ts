/** Counting what a worker has in hand: its used slots. */

/**
 * countInHand gives `deliver` as it was, and how many of its attempts are under way: a claim reserves more than it
 * gets.
 */
export function countInHand<Given extends unknown[], Result>(deliver: (...given: Given) => Promise<Result>) {
  let inHand = 0;
  return {
    used: () => inHand,
    async deliver(...given: Given): Promise<Result> {
      inHand += 1;
      try {
        return await deliver(...given);
      } finally {
        inHand -= 1;
      }
    },
  };
}
