/** CxOneClient by itself: laid out as an installed package, with what its manifest names and nothing else of Baton. */
import { execFile as startFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startSimulator } from "@baton/simulator";
import { beforeAll, expect, it, onTestFinished } from "vitest";

const execFile = promisify(startFile);

const ROOT = join(import.meta.dirname, "..");
const CXONE = join(ROOT, "packages/cxone");
const EXAMPLE = "signal-a-contact.ts";
const CONTACT = "9007199254740993001";

beforeAll(() => execFile(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-b", CXONE]));

it("signals a contact from a folder that holds its package, domain, axios and undici", async () => {
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
  ).toBe("CxOneClient,CxOneError,createCxOneHttp,createMemoryApiAccessStore,parseAllowedHosts");
  expect(await evaluate(`import("@baton/cxone/dist/client.js").catch((error) => console.log(error.code))`)).toBe(
    "ERR_PACKAGE_PATH_NOT_EXPORTED",
  );
});

it("shows in its README the example that runs here", () => {
  const [, shown] = /```ts\n(.*?)```/s.exec(readFileSync(join(CXONE, "README.md"), "utf8")) ?? [];
  expect(shown).toBe(readFileSync(join(CXONE, "examples", EXAMPLE), "utf8"));
});

async function setup() {
  const folder = install();
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
  const node = async (...args: readonly string[]) =>
    (await execFile(process.execPath, args, { cwd: folder, env })).stdout.trim();
  return {
    simulator,
    run: (contactId: string) => node(EXAMPLE, contactId),
    evaluate: (code: string) => node("--eval", code),
  };
}

/**
 * install lays the package out as a registry's client would: what the manifest lists, the dependencies it names, the
 * example beside it.
 */
function install(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cxone-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  place(folder, "cxone");
  cpSync(join(CXONE, "examples", EXAMPLE), join(folder, EXAMPLE));
  return folder;
}

function place(folder: string, name: string): void {
  const source = join(ROOT, "packages", name);
  const { files, dependencies = {} } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  for (const file of ["package.json", ...files]) {
    cpSync(join(source, file), join(folder, "node_modules/@baton", name, file), { recursive: true });
  }
  for (const dependency of Object.keys(dependencies)) {
    if (dependency.startsWith("@baton/")) place(folder, dependency.slice("@baton/".length));
    else symlinkSync(realpathSync(join(source, "node_modules", dependency)), join(folder, "node_modules", dependency));
  }
}
