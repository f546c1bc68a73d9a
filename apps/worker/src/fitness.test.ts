import { Writable } from "node:stream";
import { createLog } from "@baton/telemetry";
import { expect, it } from "vitest";
import { createFitness } from "./fitness.ts";

it("takes what the process is ready for, and writes one line for each change, not for each question", () => {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _, done) {
      lines.push(String(JSON.parse(String(chunk)).msg));
      done();
    },
  });
  let ok = true;
  const mayTake = createFitness({
    ready: () => ({ ok, detail: "Redis does not answer" }),
    log: createLog({ name: "test", level: "info", destination }),
  });
  const ask = () => [mayTake(), mayTake(), mayTake()];
  expect(ask()).toEqual([true, true, true]);
  expect(lines).toEqual([]);
  ok = false;
  expect(ask()).toEqual([false, false, false]);
  ok = true;
  expect(ask()).toEqual([true, true, true]);
  expect(lines).toEqual(["takes no handoffs", "takes handoffs again"]);
});
