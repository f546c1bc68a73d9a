/** What is held of the documents: their links, the places they name, and their size. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./world/guide.ts";

const documents = execFileSync("git", ["ls-files", "*.md"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(ROOT, file)));
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

it("has no link in a document that leads nowhere", () => {
  expect(documents.flatMap((file) => linksOf(file).filter((link) => !leadsSomewhere(file, link)))).toEqual([]);
});

it("names only places that are there, where CONTRIBUTING says what is where", () => {
  const rows = read("CONTRIBUTING.md")
    .split("\n")
    .filter((line) => line.startsWith("| ") && line.includes("`"));
  const places = rows.flatMap((row) => [
    ...row.matchAll(/`((?:apps|packages|tests|docs|chaos|bench|deploy)\/[^`]*)`/g),
  ]);
  expect(places.length).toBeGreaterThan(15);
  expect(places.map(([, place = ""]) => place).filter((place) => !existsSync(join(ROOT, place)))).toEqual([]);
});

it("keeps the README under 180 lines, and the glossary at 20 terms", () => {
  expect(read("README.md").split("\n").length).toBeLessThan(180);
  expect(rowsOf(read("docs/glossary.md")).length).toBeLessThanOrEqual(20);
});

function linksOf(file: string): readonly string[] {
  const links = [...read(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : normalize(join(dirname(from), path));
  if (!existsSync(join(ROOT, target))) return false;
  if (anchor === undefined || !target.endsWith(".md")) return true;
  const text = read(target);
  return anchorsOf(text).has(anchor) || text.includes(`id="${anchor}"`);
}

/** anchorsOf gives those of the headings, as GitHub makes them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading.toLowerCase());
  return new Set(headings.map((heading) => heading.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")));
}

function rowsOf(text: string): readonly string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(2);
}
