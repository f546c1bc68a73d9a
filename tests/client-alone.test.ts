/** The typed client by itself: installed from its tarball into an empty folder, with nothing else of Baton beside. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startBaton } from "./world/baton.ts";
import { ROOT } from "./world/guide.ts";
import { type InstalledPackage, installTarball } from "./world/installed-package.ts";

const EXAMPLE = "packages/api/examples/hand-off-a-call.ts";
/** A first time fetches zod. Milliseconds. */
const INSTALL_MS = 180_000;

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installTarball("client", EXAMPLE);
}, INSTALL_MS);
afterAll(() => installed?.remove());

it(
  "brings types that hold in a strict project",
  async () => {
    expect(await installed.typeErrors("example.ts")).toBe("");
    writeFileSync(
      join(installed.folder, "wrong.ts"),
      'import("@baton/client").then((it) => it.createBatonClient({ token: 1 }));',
    );
    expect(await installed.typeErrors("wrong.ts")).toMatch(/wrong\.ts.*'number' is not assignable to type 'string'/);
  },
  INSTALL_MS,
);

it("hands a contact off, and says what became of it", async () => {
  const { ingressUrl, token, simulator } = await startBaton();
  const env = { BATON_INGRESS_URL: ingressUrl, BATON_TOKEN: token };
  expect(await installed.node(["example.ts", "1"], env)).toBe("CXone took the signal");
  simulator.contact("2", "ended");
  expect(await installed.node(["example.ts", "2"], env)).toBe("it did not arrive: rejected");
  expect(await installed.node(["example.ts", "x"], env)).toMatch(/^refused: 422 /);
  expect(simulator.signals().map(({ contactId }) => contactId)).toEqual(["1", "2"]);
});

it("brings what its README links to", () => {
  expect(installed.brokenLinks()).toEqual([]);
});

it("shows in its README the example that runs here", () => {
  const [, shown] = /```ts\n(.*?)```/s.exec(readFileSync(join(ROOT, "packages/api/README.md"), "utf8")) ?? [];
  expect(shown).toBe(readFileSync(join(ROOT, EXAMPLE), "utf8"));
});
