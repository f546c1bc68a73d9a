import { expect, it } from "vitest";
import { measureWorkloads } from "./workloads.ts";

it("measures many connectors and large parameters, ours and the peer's", { timeout: 300_000 }, async () => {
  const { faults, text } = await measureWorkloads({ turns: 1, seconds: 1, smoke: true, say: () => undefined });
  // The peer gives up on a CXone that a busy machine keeps from answering, and sends twice: what is tested here is that
  // all of it runs.
  expect(faults.filter((fault) => fault.startsWith("baton"))).toEqual([]);
  expect(text).toContain("200 connectors at once");
  expect(text).toContain("nine parameters of 200 bytes");
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
});
