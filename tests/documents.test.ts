/** What is held of the documents and of how all text is written: links, places, length of lines, words. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./world/guide.ts";

const TEXT = /\.(?:md|ts|tsx|mjs|css|lua|py|sh|yml|yaml|c)$|^\.ci\/run$/;
/** Written by others, or by tools of ours from what they measured. */
const NOT_OURS = /pnpm-lock\.yaml$|^docs\/(?:performance|fault-results)\.md$/;
const COLUMNS = 120;

const tracked = execFileSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((file) => existsSync(join(ROOT, file)));
const files = tracked.filter((file) => TEXT.test(file) && !NOT_OURS.test(file));
const mutants = tracked.filter((file) => file.endsWith(".patch"));
const documents = files.filter((file) => file.endsWith(".md"));
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

it("names in docs/logs.md every field that a route adds to the log of its request", () => {
  const routes = files.filter((file) => /^apps\/(?:admin|ingress)\/src\/.*\.ts$/.test(file)).map(read);
  const fields = routes.flatMap((code) => [
    ...[...code.matchAll(/\.facts\.(\w+) = /g)].map(([, field = ""]) => field),
    ...[...code.matchAll(/assign\(request\.facts, \{ ([^}]*) \}/g)].flatMap(([, members = ""]) =>
      members.split(", ").map((member) => member.replace(/:.*/, "")),
    ),
  ]);
  expect(fields).toEqual(expect.arrayContaining(["handoffId", "ok"]));
  const row = rowsOf(read("docs/logs.md")).find((line) => line.startsWith("| `request` |")) ?? "";
  expect([...new Set(fields)].filter((field) => !row.includes(`\`${field}?\``))).toEqual([]);
});

it("keeps the README under 180 lines, and the glossary at 20 terms", () => {
  expect(read("README.md").split("\n").length).toBeLessThan(180);
  expect(rowsOf(read("docs/glossary.md")).length).toBeLessThanOrEqual(20);
});

it(`ends lines by column ${COLUMNS}, but for tables, addresses and what a formatter cannot break`, () => {
  expect(files.flatMap((file) => longLines(file))).toEqual([]);
});

it.each(["letterColumns", "someLetters(", "isAside", "oldCircumstances", "back in line"])(
  "finds a word in %s",
  (text) => {
    expect(betterWords(text)).toHaveLength(1);
  },
);

it.each(["deadLetterColumns", "someDeadLetters", "DEAD_LETTERS"])("lets %s pass", (text) => {
  expect(betterWords(text)).toEqual([]);
});

it("says things in the field's words", () => {
  expect(files.flatMap((file) => bannedWords(file))).toEqual([]);
  // What a mutant takes out is a sentence of ours; the code behind it is looked at where it lies.
  expect(mutants.flatMap((file) => bannedWords(file, 1))).toEqual([]);
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

function longLines(file: string): readonly string[] {
  const isProse = file.endsWith(".md");
  let isCode = false;
  return read(file)
    .split("\n")
    .flatMap((line, index) => {
      if (line.startsWith("```")) isCode = !isCode;
      if ([...line].length <= COLUMNS) return [];
      const mayBe = isProse
        ? isCode || line.startsWith("|") || line.startsWith("[![")
        : /["'`/]/.test(line) && !isComment(line);
      return mayBe || /https?:\/\/\S{40,}/.test(line) ? [] : [`${file}:${index + 1}`];
    });
}

function isComment(line: string): boolean {
  return /^\s*(?:\/\/|\/?\*|--|#)/.test(line) && !/biome-ignore|oxlint-disable|shellcheck|ACL SETUSER/.test(line);
}

/** BANNED words, each with the field's own. A word of one meaning here and another elsewhere is banned as a whole. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\b[Ii]nsist(?:ed|ing)?\b|\bpatiently\b/, "retry until available"],
  [/\berrands?\b/i, "token request"],
  [/\bupkeep\b/i, "maintenance"],
  [/\bglances?\b/i, "read"],
  [/\bhand-?backs?\b/i, "abandon the attempt"],
  [/\bkey-?verdicts?\b/i, "key usage"],
  [/\breckonings?\b/i, "summary"],
  [/\bunfil(?:e|ed|ing)\b|\bfile a letter\b/i, "remove or add a dead letter"],
  [/\blift-?holds?\b|\bliftHold\b/, "clear the throttle"],
  [/\bcircumstances?\b/i, "environment, case, or what it holds"],
  [/\bback in(?:to)? line\b/i, "queue again, replay"],
];
/** DIALECT: words for which plain English names the thing itself. */
const DIALECT: readonly (readonly [RegExp, string])[] = [
  [/\btold\b/i, "sent, answered, logged, shown"],
  [/\bnobody\b/i, "no process, no worker, none"],
  [/\bwhoever\b/i, "the one that is meant: a caller, a worker, an operator"],
  [/\baside\b/i, "delayed, parked"],
  [/(?<!dead[- ]|dead%-|dead\(\?!-)\bletters?\b(?!-spacing|, digits| or digit)/i, "dead letter, or character"],
  [/\bin hand\b|\bin (?:its|their|a worker's) hands\b/i, "active"],
  [/\b(?:some|any|every)body\b/i, "an operator, a client, all"],
  [/\bhand-overs?\b/i, "a note for the next operator"],
  [/\blanes?\b/i, "queue"],
  [/(?<!\bback )\bin line\b|\bcontact's line\b/i, "in the contact's queue, behind another"],
  [/\bin a crowd\b|\ba herd\b/i, "a burst"],
];
/** They quote words that are banned elsewhere. */
const QUOTES_WORDS = new Set(["tests/documents.test.ts", "CHANGELOG.md"]);

/** bannedWords looks at the first `most` lines. */
function bannedWords(file: string, most = Number.POSITIVE_INFINITY): readonly string[] {
  if (QUOTES_WORDS.has(file)) return [];
  const lines = read(file).split("\n").slice(0, most);
  return lines.flatMap((line, index) =>
    betterWords(line).map((better) => `${file}:${index + 1}: say "${better}": ${line.trim()}`),
  );
}

/** betterWords gives what to say in place of each banned word of a line, also where it is a part of a name. */
function betterWords(line: string): readonly string[] {
  const apart = line.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, " ");
  const found = [...BANNED, ...DIALECT].filter(([word]) => word.test(line) || word.test(apart));
  return found.map(([, better]) => better);
}
