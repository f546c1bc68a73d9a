/** What docs/outage.md says of an outage of CXone: its alerts, the panels that show it, the pages of the console. */
import { readGuide, sectionOf } from "./guide.ts";

const GUIDE = readGuide("docs/outage.md");

/** OutageGuide is what its tables name; panels by dashboard, pages by their address. */
export interface OutageGuide {
  readonly panels: readonly { readonly dashboard: string; readonly title: string }[];
  readonly pages: readonly string[];
}

/** alertsWhileItLasts gives the alerts that fire, sorted. */
export function alertsWhileItLasts(): readonly string[] {
  const links = [...sectionOf(GUIDE, "While it lasts").matchAll(/^\|[^|]*\|[^|]*\[(\w+)\]/gm)];
  return links.map(([, alert = ""]) => alert).toSorted();
}

/** readOutageGuide reads the cells of all tables. */
export function readOutageGuide(): OutageGuide {
  const cells = GUIDE.split("\n").flatMap((line) => (line.startsWith("| ") ? line.split(" | ") : []));
  const panels = cells.flatMap((cell) => {
    const [, dashboard = "", titles = ""] = /^\*([^*]+)\*: (.+)$/.exec(cell.replace(/ \|$/, "").trim()) ?? [];
    return titles === "" ? [] : titles.split("; ").map((title) => ({ dashboard, title }));
  });
  const pages = cells.flatMap((cell) => [...cell.matchAll(/`(\/[^`]*)`/g)].map(([, page = ""]) => page));
  return { panels, pages };
}
