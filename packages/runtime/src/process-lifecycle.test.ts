import { expect, it } from "vitest";
import { createMemoryLog } from "./memory-log.ts";
import { createProcessLifecycle } from "./process-lifecycle.ts";

function setup(closeMs?: number) {
  const log = createMemoryLog();
  const life = createProcessLifecycle({ log, ...(closeMs === undefined ? {} : { closeMs }) });
  const closed: string[] = [];
  const open = (name: string) => life.use({ close: () => closed.push(name) }, name);
  return { life, closed, open, log };
}

it("closes newest first, one after the other", async () => {
  const { life, closed, open } = setup();
  open("redis");
  life.onClose("queue", async () => {
    await new Promise(setImmediate);
    closed.push("queue");
  });
  open("server");
  expect(await life.close()).toBe(true);
  expect(closed).toEqual(["server", "queue", "redis"]);
});

it("closes once, however often `close` is called", async () => {
  const { life, closed, open } = setup();
  open("redis");
  expect(await Promise.all([life.close(), life.close()])).toEqual([true, true]);
  await life.close();
  expect(closed).toEqual(["redis"]);
});

it("closes the rest when one fails or hangs, and says so", async () => {
  const { life, closed, open, log } = setup(5);
  open("redis");
  life.onClose("hanging", () => new Promise(() => undefined));
  life.onClose("failing", () => {
    throw new Error("no");
  });
  open("server");
  expect(await life.close()).toBe(false);
  expect(closed).toEqual(["server", "redis"]);
  expect(log.lines.map((line) => line.closing)).toEqual(["failing", "hanging"]);
});

it("takes nothing more once it closes", async () => {
  const { life, open } = setup();
  await life.close();
  expect(() => open("late")).toThrow("cannot open late: the process is closing");
});

it("is closing from draining on, and aborts what waits only when it closes", async () => {
  const { life, open } = setup();
  expect(life.closing).toBe(false);
  life.drain();
  expect(life.closing).toBe(true);
  expect(life.signal.aborted).toBe(false);
  open("still allowed");
  await life.close();
  expect(life.signal.aborted).toBe(true);
});
