/** docs/outage.md names only alerts, panels and pages of the console that there are. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./world/guide.ts";
import { alertsWhileItLasts, readOutageGuide } from "./world/outage-guide.ts";

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** By the names that the guide gives them. */
const DASHBOARDS: Readonly<Record<string, string>> = {
  "is it well": "deploy/grafana/dashboards/baton-well.json",
  "one connector": "deploy/grafana/dashboards/baton-connector.json",
};

it("names alerts that are rules, the page first that comes while callers can still be helped", () => {
  const rules = [...read("deploy/prometheus/baton.rules.yml").matchAll(/- alert: (\w+)/g)].map(([, alert]) => alert);
  expect(alertsWhileItLasts().length).toBeGreaterThan(3);
  expect(alertsWhileItLasts().filter((alert) => !rules.includes(alert))).toEqual([]);
  expect(/\| page \[(\w+)\]/.exec(read("docs/outage.md"))?.[1]).toBe("BatonDeadlineAtRisk");
});

it("names panels that are on the dashboard it says", () => {
  const { panels } = readOutageGuide();
  const titlesOf = (dashboard: string) =>
    (JSON.parse(read(DASHBOARDS[dashboard] ?? "")) as { readonly panels: readonly { title: string }[] }).panels.map(
      ({ title }) => title,
    );
  expect(panels.length).toBeGreaterThan(8);
  expect(panels.filter(({ dashboard, title }) => !titlesOf(dashboard).includes(title))).toEqual([]);
});

it("names pages that the console has", () => {
  const { pages } = readOutageGuide();
  const routes = [...read("apps/console/src/router.tsx").matchAll(/path: "(\/[^"]*)"/g)].map(
    ([, path = ""]) => new RegExp(`^${path.replaceAll(/\$\w+/g, "[^/]+")}$`),
  );
  expect(pages.length).toBeGreaterThan(6);
  expect(pages.filter((page) => !routes.some((route) => route.test(page)))).toEqual([]);
});
