/** CxOneClient by itself: installed from its tarball into an empty folder, with nothing else of Baton beside. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulator } from "@baton/simulator";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { ROOT } from "./world/guide.ts";
import { type InstalledPackage, installTarball } from "./world/installed-package.ts";

const EXAMPLE = "packages/cxone/examples/signal-a-contact.ts";
/** A first time fetches axios, undici and what they need. Milliseconds. */
const INSTALL_MS = 180_000;
const CONTACT = "9007199254740993001";

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installTarball("cxone", EXAMPLE);
}, INSTALL_MS);
afterAll(() => installed?.remove());

it(
  "brings types that hold in a strict project",
  async () => {
    expect(await installed.typeErrors("example.ts")).toBe("");
  },
  INSTALL_MS,
);

it("signals a contact from an empty folder that it was installed into", async () => {
  const { run, simulator } = await setup();
  simulator.contact(CONTACT, "active");
  expect(await run(CONTACT)).toBe("CXone took the signal; CXone does not say whether a script acted on it");
  expect(simulator.signals()).toMatchObject([
    { contactId: CONTACT, params: { p1: "Escalate", p2: "billing question" } },
  ]);
});

it.each([
  ["ended", "the contact has ended: Contact Hung Up"],
  ["unknown", "CXone knows no such contact"],
  ["otherBusinessUnit", "CXone knows no such contact"],
] as const)("signals no contact that is %s", async (state, said) => {
  const { run, simulator } = await setup();
  simulator.contact(CONTACT, state);
  expect(await run(CONTACT)).toBe(said);
  expect(simulator.signals()).toEqual([]);
});

it("names what went wrong", async () => {
  const { run, simulator } = await setup();
  simulator.contact(CONTACT, "active");
  expect(await run("../1")).toMatch(/^no answer, invalid-contact-id: /);
  simulator.answer({ on: "api", times: 1, status: 503 });
  expect(await run(CONTACT)).toMatch(/^no answer, unavailable: HTTP 503/);
  simulator.answer({ on: "signal", times: 1, reset: "after" });
  expect(await run(CONTACT)).toMatch(/^it may have arrived/);
  simulator.accessKey({ accessKeyId: "AK", accessKeySecret: "other", clientId: "app", clientSecret: "secret" });
  expect(await run(CONTACT)).toMatch(/^no answer, credentials: /);
});

it("is entered by its public door only", async () => {
  const { evaluate } = await setup();
  expect(
    await evaluate(
      `import("@baton/cxone").then((all) => console.log(Object.keys(all).filter((name) => /^[A-Z][a-z]|^create|^parse/.test(name)).join()))`,
    ),
  ).toBe("CxOneClient,CxOneError,createCxOneHttpClient,createMemoryApiAccessStore,parseAllowedHosts");
  expect(await evaluate(`import("@baton/cxone/dist/client.js").catch((error) => console.log(error.code))`)).toBe(
    "ERR_PACKAGE_PATH_NOT_EXPORTED",
  );
});

it("brings what its README links to", () => {
  expect(installed.brokenLinks()).toEqual([]);
});

it("shows in its README the example that runs here", () => {
  const [, shown] = /```ts\n(.*?)```/s.exec(readFileSync(join(ROOT, "packages/cxone/README.md"), "utf8")) ?? [];
  expect(shown).toBe(readFileSync(join(ROOT, EXAMPLE), "utf8"));
});

async function setup() {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.close());
  const env = {
    CXONE_ISSUER: simulator.url,
    CXONE_ALLOWED_HOSTS: "http://127.0.0.1:*",
    CXONE_CLIENT_ID: "app",
    CXONE_CLIENT_SECRET: "secret",
    CXONE_ACCESS_KEY_ID: "AK",
    CXONE_ACCESS_KEY_SECRET: "key",
  };
  return {
    simulator,
    run: (contactId: string) => installed.node(["example.ts", contactId], env),
    evaluate: (code: string) => installed.node(["--eval", code]),
  };
}
