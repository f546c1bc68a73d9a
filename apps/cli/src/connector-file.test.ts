import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readConnectorFile } from "./connector-file.ts";

function setup(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "connector.json");
  writeFileSync(file, text);
  return file;
}

it("puts variables of the environment where the file refers to them", () => {
  const file = setup(`{"name": "Acme", "credentials": {"clientSecret": "\${SECRET}", "clientId": "x-\${ID}"}}`);
  expect(readConnectorFile(file, { SECRET: 'with "quotes" and $&', ID: "7" })).toEqual({
    name: "Acme",
    credentials: { clientSecret: 'with "quotes" and $&', clientId: "x-7" },
  });
});

it("names every variable that is not set", () => {
  const file = setup(`{"a": "\${ONE}", "b": "\${TWO}"}`);
  expect(() => readConnectorFile(file, {})).toThrow(/ONE is required.*\n.*TWO is required/);
});

it.each([
  ["what is no JSON", setup, "{", /is not JSON/],
  ["a file that is not there", (name: string) => name, "/nowhere/at/all.json", /cannot read \/nowhere\/at\/all\.json/],
])("refuses %s", (_what, make, text, words) => {
  expect(() => readConnectorFile(make(text), {})).toThrow(words);
});
