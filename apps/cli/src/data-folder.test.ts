import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { runBaton } from "../testing/run-baton.ts";
import { ensureDataFolder, lockFolder } from "./data-folder.ts";

function setup(): string {
  const parent = mkdtempSync(join(tmpdir(), "baton-test-"));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  return join(parent, "data");
}

it("makes a secret once, and finds it again", () => {
  const path = setup();
  const made = ensureDataFolder(path).secret("keyring", () => "first");
  expect(made).toEqual({ value: "first", path: join(path, "keyring"), isNew: true });
  expect(ensureDataFolder(path).secret("keyring", () => "second")).toEqual({ ...made, isNew: false });
});

it("lets no other user read folder and secrets", () => {
  const path = setup();
  const { path: file } = ensureDataFolder(path).secret("keyring", () => "secret");
  expect([path, file].map((each) => (statSync(each).mode & 0o777).toString(8))).toEqual(["700", "600"]);
});

it("is in the user's data directory, wherever Baton is started", async () => {
  const helpWith = async (env: Record<string, string>) =>
    (await runBaton(["up", "--help"], { env })).stdout.replaceAll(/\s+/g, " ");
  expect(await helpWith({ XDG_DATA_HOME: "/data" })).toContain('(default: "/data/baton")');
  expect(await helpWith({ HOME: "/home/me" })).toContain('(default: "/home/me/.local/share/baton")');
});

it("is locked by one at a time", async () => {
  const path = setup();
  ensureDataFolder(path);
  const lock = await lockFolder(path);
  expect(lock).toBeDefined();
  expect(await lockFolder(path)).toBeUndefined();
  lock?.close();
  const next = await lockFolder(path);
  expect(next).toBeDefined();
  next?.close();
});
