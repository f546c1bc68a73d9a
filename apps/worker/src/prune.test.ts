import { expect, it } from "vitest";
import { createPrune } from "./prune.ts";

const NOW = 1_000_000;
/** One step's worth. */
const LIMIT = 50;

/** setup gives a janitor in whose shards so many handoffs and entries of the audit are old enough. */
function setup(
  old: { readonly ended?: number; readonly dead?: number; readonly audit?: number },
  tags = ["{baton:0}"],
) {
  const left = new Map<string, number>([["audit", old.audit ?? 0]]);
  for (const tag of tags) left.set(`${tag} ended`, old.ended ?? 0).set(`${tag} dead`, old.dead ?? 0);
  const asked: { readonly what: string; readonly before: number; readonly limit: number }[] = [];
  const closing = new AbortController();
  async function take(what: string, before: number, limit: number): Promise<number> {
    asked.push({ what, before, limit });
    const taken = Math.min(limit, left.get(what) ?? 0);
    left.set(what, (left.get(what) ?? 0) - taken);
    return taken;
  }
  const once = createPrune({
    maintenance: { prune: (tag, set, { before, limit }) => take(`${tag} ${set}`, before, limit) },
    audit: { prune: (before, limit) => take("audit", before, limit) },
    tags,
    retentionMs: { ended: 1_000, dead: 2_000, audit: 3_000 },
    now: () => NOW,
    closing: closing.signal,
  });
  return { once, asked, left, closing };
}

it("looks at every shard and the audit, each by its own time of keeping", async () => {
  const { once, asked } = setup({}, ["{baton:0}", "{baton:1}"]);
  await once();
  expect(asked).toEqual([
    { what: "{baton:0} ended", before: NOW - 1_000, limit: LIMIT },
    { what: "{baton:0} dead", before: NOW - 2_000, limit: LIMIT },
    { what: "{baton:1} ended", before: NOW - 1_000, limit: LIMIT },
    { what: "{baton:1} dead", before: NOW - 2_000, limit: LIMIT },
    { what: "audit", before: NOW - 3_000, limit: LIMIT },
  ]);
});

it("goes on in small steps for as long as there is a step's worth", async () => {
  const { once, asked, left } = setup({ ended: 120, dead: 50, audit: 10 });
  await once();
  expect([...left.values()]).toEqual([0, 0, 0]);
  expect(asked.map(({ what }) => what.split(" ").at(-1))).toEqual(["ended", "ended", "ended", "dead", "dead", "audit"]);
});

it("leaves the rest of a flood to the next time, so that all shards have their turn", async () => {
  const { once, left } = setup({ ended: 1_000_000 }, ["{baton:0}", "{baton:1}"]);
  await once();
  expect(left.get("{baton:0} ended")).toBe(1_000_000 - 100 * LIMIT);
  expect(left.get("{baton:1} ended")).toBe(1_000_000 - 100 * LIMIT);
});

it("begins no step once the process closes", async () => {
  const { once, asked, closing } = setup({ ended: 1_000 });
  closing.abort();
  await once();
  expect(asked).toEqual([]);
});
