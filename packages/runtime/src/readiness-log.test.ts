import { expect, it } from "vitest";
import { createReadinessLog, type ReasonedReadiness } from "./health-routes.ts";
import { createMemoryLog } from "./memory-log.ts";

const READY: ReasonedReadiness = { ok: true, detail: "ready" };
const off = (reason: string, detail: string): ReasonedReadiness => ({ ok: false, reason, detail });

function setup(...looks: readonly ReasonedReadiness[]) {
  const log = createMemoryLog();
  const tell = createReadinessLog(log);
  for (const look of looks) tell(look);
  return log.lines.map(({ level, msg, detail }) => [level, msg, detail]);
}

it("writes nothing while all is well, from the beginning", () => {
  expect(setup(READY, READY)).toEqual([]);
});

it("writes one line when readiness turns off, and one when it is back, however often it is looked at", () => {
  const away = off("redis", "Redis does not answer");
  expect(setup(READY, away, away, away, READY, READY)).toEqual([
    ["warn", "not ready", "Redis does not answer"],
    ["info", "ready again", undefined],
  ]);
});

it("logs another reason, but not a clock that is off by another millisecond", () => {
  expect(
    setup(off("redis", "Redis does not answer"), off("clock", "1200 ms off"), off("clock", "1201 ms off")),
  ).toEqual([
    ["warn", "not ready", "Redis does not answer"],
    ["warn", "not ready", "1200 ms off"],
  ]);
});

it("logs each fault of the configuration as an error, since it does not pass by itself", () => {
  expect(
    setup(off("settings", "wrong password"), off("settings", "wrong password"), off("settings", "it evicts")),
  ).toEqual([
    ["error", "not ready", "wrong password"],
    ["error", "not ready", "it evicts"],
  ]);
});
