import { expect, it } from "vitest";
import { setInBoundedMap } from "./bounded-map.ts";

it("forgets the entry that was set longest ago", () => {
  const map = new Map<string, number>();
  for (const key of ["a", "b", "a", "c"]) setInBoundedMap(map, key, 1, 2);
  expect([...map.keys()]).toEqual(["a", "c"]);
});
