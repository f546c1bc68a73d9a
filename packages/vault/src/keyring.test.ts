import { expect, it } from "vitest";
import { generateKeyringEntry, parseKeyring } from "./keyring.ts";

const secret = Buffer.alloc(32, 7).toString("base64");

it("reads what keygen prints, newest first, spaces and a file's last newline ignored", () => {
  const ring = parseKeyring(` ${generateKeyringEntry()}, old:${secret}\n`);
  expect(ring.keys).toHaveLength(2);
  expect(ring.newest).toBe(ring.keys[0]);
  expect(ring.keys[1]?.id).toBe("old");
});

it.each([
  ["", "entry 1 of the key ring has no colon"],
  [secret, "entry 1 of the key ring has no colon"],
  [`a:${secret},`, "entry 2 of the key ring has no colon"],
  [`a b:${secret}`, "the id of entry 1"],
  [`${secret}:${secret}`, "the id of entry 1"],
  [`a:${secret},b:${secret.slice(4)}`, "the key of entry 2"],
  [`a:${secret},a:${secret}`, "entry 2 of the key ring repeats"],
])("says which entry is wrong without repeating it: %#", (text, words) => {
  const fault = faultOf(() => parseKeyring(text));
  expect(fault).toContain(words);
  expect(fault).not.toContain(secret.slice(4));
});

function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return String(error);
  }
  return "no fault";
}
