/** Class names of style sheets: a component that names one that is not there is drawn without it, and nothing fails. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const SOURCES = join(import.meta.dirname, "..");
const IMPORTED = /import styles from "([^"]+\.module\.css)"/;

interface Sheet {
  readonly sheet: string;
  readonly used: ReadonlySet<string>;
  /** It also takes a class by what a variable holds. */
  readonly usesAny: boolean;
}

/** The style sheet that each component imports, and the classes that it names. */
const components: readonly (Sheet & { readonly component: string })[] = globSync("**/*.tsx", { cwd: SOURCES }).flatMap(
  (component) => {
    const code = readFileSync(join(SOURCES, component), "utf8");
    const [, sheet] = IMPORTED.exec(code) ?? [];
    if (sheet === undefined) return [];
    const used = new Set([...code.matchAll(/\bstyles\.(\w+)/g)].map(([, name = ""]) => name));
    return [{ component, sheet: join(dirname(component), sheet), used, usesAny: code.includes("styles[") }];
  },
);

function classesIn(sheet: string): ReadonlySet<string> {
  const css = readFileSync(join(SOURCES, sheet), "utf8").replaceAll(/\/\*.*?\*\//gs, "");
  return new Set([...css.matchAll(/\.([a-zA-Z]\w*)(?=[^{};]*\{)/g)].map(([, name = ""]) => name));
}

it("has every class that a component names", () => {
  expect(components.length).toBeGreaterThan(20);
  const missing = components.flatMap(({ component, sheet, used }) =>
    [...used].filter((name) => !classesIn(sheet).has(name)).map((name) => `${component}: ${name}`),
  );
  expect(missing).toEqual([]);
});

it("has no class that no component names", () => {
  const sheets = Map.groupBy(components, ({ sheet }) => sheet);
  const unused = [...sheets].flatMap(([sheet, users]) => {
    if (users.some(({ usesAny }) => usesAny)) return [];
    const used = new Set(users.flatMap((user) => [...user.used]));
    return [...classesIn(sheet)].filter((name) => !used.has(name)).map((name) => `${sheet}: ${name}`);
  });
  expect(unused).toEqual([]);
});
