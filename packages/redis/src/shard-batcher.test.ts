import { expect, it } from "vitest";
import { createShardBatcher } from "./shard-batcher.ts";

function setup() {
  const batches: (readonly number[])[] = [];
  let endTurn = () => {};
  const ask = createShardBatcher<number, number>({
    async run(_tag, items) {
      batches.push(items);
      return items.map((item) => item * 2);
    },
    schedule(flush) {
      endTurn = flush;
    },
  });
  return { ask, batches, endTurn: () => endTurn() };
}

it("asks once a turn for what came in it, and gives each its own answer", async () => {
  const { ask, batches, endTurn } = setup();
  const answers = [1, 2, 3].map((item) => ask("a", item));
  const other = ask("b", 4);
  expect(batches).toEqual([]);
  endTurn();
  expect(await Promise.all([...answers, other])).toEqual([2, 4, 6, 8]);
  expect(batches).toEqual([[1, 2, 3], [4]]);
});

it("asks at once for a full batch: in a burst a turn outlasts what is asked", async () => {
  const { ask, batches, endTurn } = setup();
  const items = Array.from({ length: 70 }, (_, i) => i);
  const answers = items.map((item) => ask("a", item));
  expect(batches.map(({ length }) => length)).toEqual([32, 32]);
  endTurn();
  expect(await Promise.all(answers)).toEqual(items.map((item) => item * 2));
  expect(batches.map(({ length }) => length)).toEqual([32, 32, 6]);
});
