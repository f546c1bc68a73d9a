import { expect, it, onTestFinished } from "vitest";
import type { NewAuditEntry } from "./audit-store.ts";
import { RefusalAuditSampler } from "./refusal-audit-sampler.ts";

function setup({ windowMs = 60_000, fails = () => false }: { windowMs?: number; fails?: () => boolean } = {}) {
  const written: NewAuditEntry[] = [];
  const failed: unknown[] = [];
  let clock = 0;
  const notices = new RefusalAuditSampler({
    audit: {
      async write(entry) {
        if (fails()) throw new Error("Redis is away");
        written.push(entry);
        return "au_1";
      },
    },
    onFailed: (error) => failed.push(error),
    now: () => ++clock,
    windowMs,
  });
  onTestFinished(() => notices.close());
  const note = (what: string, source = "cn_1") =>
    notices.note({
      source,
      what,
      entry: {
        action: "call.unknown-number",
        actor: { id: source, name: "Acme" },
        about: { pseudoNumber: what },
        targetId: what,
      },
    });
  return { notices, written, failed, note };
}

const REST = { action: "call.unknown-number", actor: { id: "cn_1", name: "Acme" } };

it("names five things of a source, and counts the rest in one entry", async () => {
  const { notices, written, note } = setup();
  for (let i = 0; i < 1_000; i++) note(String(i % 20));
  expect(written.map(({ targetId, count }) => [targetId, count])).toEqual(
    [..."01234"].map((what) => [what, undefined]),
  );
  await notices.close();
  expect(written.slice(5)).toEqual([{ ...REST, count: 995, firstAt: 6, lastAt: 1_000 }]);
});

it("keeps sources apart", async () => {
  const { notices, written, note } = setup();
  for (const source of ["cn_1", "cn_2", "cn_1"]) note("1", source);
  await notices.close();
  expect(written.map(({ actor, count }) => [actor.id, count])).toEqual([
    ["cn_1", undefined],
    ["cn_2", undefined],
    ["cn_1", 1],
  ]);
});

it.each([
  ["the connector that did it itself", "cn_1", "cn_1"],
  ["none where it was done to several", "key-1", undefined],
])("names in the rest %s", async (_what, id, connectorId) => {
  const { notices, written } = setup();
  const actor = { id, name: "Acme" };
  for (let i = 0; i < 10; i++)
    notices.note({ source: id, what: "x", entry: { action: "connector.delete", actor, connectorId: "cn_1" } });
  await notices.close();
  expect(written.at(-1)).toEqual({
    ...{ action: "connector.delete", actor, count: 9, firstAt: 2, lastAt: 10 },
    ...(connectorId && { connectorId }),
  });
});

it("names things anew in the next window", async () => {
  const { written, note } = setup({ windowMs: 20 });
  for (let i = 0; i < 3; i++) note("1");
  await expect.poll(() => written.at(-1)).toEqual({ ...REST, count: 2, firstAt: 2, lastAt: 3 });
  note("1");
  await expect.poll(() => written.filter(({ targetId }) => targetId === "1")).toHaveLength(2);
});

it("writes later how many could not be written", async () => {
  let away = true;
  const { written, failed, note } = setup({ windowMs: 20, fails: () => away });
  note("1");
  note("2");
  await expect.poll(() => failed.length).toBeGreaterThan(2);
  away = false;
  await expect.poll(() => written).toEqual([{ ...REST, count: 2, firstAt: 1, lastAt: 2 }]);
});
