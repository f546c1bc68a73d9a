import { expect, it } from "vitest";
import { type FaultLinks, failCheck, passCheck } from "./check-result.ts";
import { findRootCauses } from "./root-causes.ts";

const finding = (what: string, ties?: FaultLinks) => failCheck(what, "wrong", "repair it", ties);
const outline = (...checks: readonly ReturnType<typeof failCheck>[]) =>
  findRootCauses([{ name: "all", checks: [passCheck("well", ""), ...checks] }]).map(({ what, follows }) => [
    what,
    ...follows.map((each) => each.what),
  ]);

it("gives the cause first that most follows from, and what follows below it", () => {
  expect(
    outline(
      finding("clock"),
      finding("admin", { faults: ["admin"], follows: ["redis"] }),
      finding("ingress", { follows: ["redis"] }),
      finding("redis", { faults: ["redis"] }),
      finding("dead letters", { follows: ["unknown", "admin"] }),
    ),
  ).toEqual([["redis", "admin", "ingress", "dead letters"], ["clock"]]);
});

it("gives a finding by itself where what would explain it is well", () => {
  expect(outline(finding("dead letters", { follows: ["redis"] }), finding("memory"))).toEqual([
    ["dead letters"],
    ["memory"],
  ]);
});

it("does not go round in a circle, nor explain anything by itself", () => {
  const circle = outline(
    finding("one", { faults: ["1"], follows: ["1", "2"] }),
    finding("two", { faults: ["2"], follows: ["1"] }),
  );
  expect(circle.flat().sort()).toEqual(["one", "two"]);
});
