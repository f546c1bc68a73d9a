import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Misuse } from "./command-errors.ts";
import { readConnectorFile, readOneConnectorFromFile } from "./connector-file.ts";

function setup(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "connectors");
  writeFileSync(file, text);
  return file;
}

const read = (text: string, env = {}) => readConnectorFile(setup(text), env).connectors;

it("puts variables of the environment where the file refers to them", () => {
  const file = setup(`{"name": "Acme", "credentials": {"clientSecret": "\${SECRET}", "clientId": "x-\${ID}"}}`);
  const env = { SECRET: 'with "quotes": #, and $&', ID: "7" };
  expect(readOneConnectorFromFile(file, env)).toEqual({
    name: "Acme",
    credentials: { clientSecret: 'with "quotes": #, and $&', clientId: "x-7" },
  });
});

it.each([
  ["one connector", "name: a", 1],
  ["a list", "- name: a\n- name: b", 2],
  ["connectors under their own name", "connectors:\n  - name: a\n  - name: b", 2],
  ["several documents", "name: a\n---\n- name: b\n- name: c\n---\n", 3],
  ["JSON, indented with tabs", '[\n\t{"name": "a"},\n\t{"name": "b"}\n]', 2],
])("reads %s", (_what, text, number) => {
  expect(read(text).map(({ name }) => name)).toEqual(["a", "b", "c"].slice(0, number));
});

it("takes digits as they are written, but for the numbers of delivery", () => {
  const text =
    "businessUnit: 0045\npseudoNumbers: [+15550100100, 0x10]\ncxone: {tenantId: 11e75}\ndelivery: {maxAttempts: 5, rate: {burst: 7}}";
  expect(read(text)).toEqual([
    {
      businessUnit: "0045",
      pseudoNumbers: ["+15550100100", "0x10"],
      cxone: { tenantId: "11e75" },
      delivery: { maxAttempts: 5, rate: { burst: 7 } },
    },
  ]);
});

it("lets connectors share what they have in common", () => {
  const text = "- name: a\n  cxone: &here {issuer: http://a}\n- name: b\n  cxone: {<<: *here, paramsIn: body}";
  expect(read(text)[1]).toEqual({ name: "b", cxone: { issuer: "http://a", paramsIn: "body" } });
});

it("names every variable that is not set, and every secret that stands in the file itself", () => {
  const text = (secret: string) =>
    `- {name: a, credentials: {clientId: x, clientSecret: "${secret}"}}\n- {name: "\${TWO}", accountId: "\${ONE}"}`;
  expect(() => read(text(`\${THREE}\${ONE}`), { ONE: "" })).toThrow(/THREE, ONE, TWO; nothing was sent/);
  const { literals } = readConnectorFile(setup(text("planted")), { ONE: "1", TWO: "2" });
  expect(literals).toEqual(['credentials.clientSecret of "a"']);
});

it.each([
  ["what is neither JSON nor YAML", "name: a\nsecret: planted: planted", /line 2, column 9/],
  ["a member that is given twice", "name: a\nname: planted", /line 2, column 1 \(DUPLICATE_KEY\)/],
  ["an alias that leads nowhere", "name: *planted", /neither JSON nor YAML|aliases/],
  ["nothing", "", /holds no connectors/],
  ["an empty list", "[]", /holds no connectors/],
  ["a word", "planted", /holds no connectors/],
])("refuses %s, and does not repeat it", (_what, text, words) => {
  const refusal = () => read(text);
  expect(refusal).toThrow(Misuse);
  expect(refusal).toThrow(words);
  expect(refusal).not.toThrow(/planted/);
});

it("refuses a file that is not there, and several connectors where one is asked for", () => {
  expect(() => readConnectorFile("/nowhere/at/all.yaml", {})).toThrow(/cannot read \/nowhere\/at\/all\.yaml/);
  expect(() => readOneConnectorFromFile(setup("[{}, {}]"), {})).toThrow(/holds 2 connectors; `baton connectors apply`/);
});
