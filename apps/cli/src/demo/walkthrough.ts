/** The demo from its first line to its summary. */
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";
import type { CauseJson, DeadLetterJson, HandoffJson } from "@baton/api";
import { count } from "../output.ts";
import { type Column, formatTable } from "../table.ts";
import { type Followed, follow } from "./follow-handoffs.ts";
import { LINE_TITLES } from "./handoff-line.ts";
import type { Demo } from "./open-demo.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import type { Screen } from "./screen.ts";
import { prepareContacts, readDeadLetters, repairCxone, replayAll, sendAll } from "./steps.ts";
import { differencesIn, type Reckoning, reckon, signalledTwice, type Tally } from "./summary.ts";
import type { Parties } from "./tenants.ts";

/** Stage is where it is played. */
export interface Stage {
  readonly demo: Demo;
  readonly parties: Parties;
  readonly screen: Screen;
  /** Time for a person to read, milliseconds; 0 where nobody watches. */
  readonly pauseMs: number;
}

/** play runs all of it and says how it ended. */
export async function play(stage: Stage): Promise<Reckoning> {
  const ids = new Map<Scenario, string>();
  const first = await handOff(stage, ids);
  const letters = await showDeadLetters(stage);
  const last = new Map([...first, ...(await replay(stage, ids, letters))]);
  const reckoning = await showReckoning(stage, last);
  return { ...reckoning, differences: [...new Set([...differencesIn(first, "first"), ...reckoning.differences])] };
}

async function handOff({ demo, parties, screen }: Stage, ids: Map<Scenario, string>): Promise<Followed> {
  heading(
    screen,
    1,
    `${SCENARIOS.length} handoffs of ${Object.keys(parties).length} clients meet every answer that CXone gives`,
  );
  prepareContacts(demo);
  screen.say(LINE_TITLES);
  return await follow({ ...demo, screen, scenarios: SCENARIOS, ids, meanwhile: sendAll(demo, parties, ids) });
}

async function showDeadLetters({ demo, parties, screen, pauseMs }: Stage): Promise<readonly DeadLetterJson[]> {
  const letters = await readDeadLetters(demo);
  const { items: causes } = await demo.operator.causes({ limit: 500 });
  heading(screen, 2, `${count(letters.length, "dead letter")} of ${count(causes.length, "cause")}`);
  const nameOf = new Map(Object.values(parties).map(({ connectorId, name }) => [connectorId, name]));
  const clients = ({ connectors }: CauseJson) => connectors.map((id) => nameOf.get(id) ?? id).join(", ");
  screen.say(indent(formatTable(causes, [...CAUSE_COLUMNS, { title: "CLIENT", text: clients }], WIDTH)));
  await sleep(pauseMs);
  return letters;
}

async function replay(
  { demo, parties, screen }: Stage,
  ids: ReadonlyMap<Scenario, string>,
  letters: readonly DeadLetterJson[],
): Promise<Followed> {
  const due = (last: Scenario["last"]) =>
    SCENARIOS.filter((scenario) => scenario.first.startsWith("dead") && scenario.last === last);
  const lettersOf = (scenarios: readonly Scenario[]) =>
    letters.filter(({ id }) => scenarios.some((scenario) => ids.get(scenario) === id));
  heading(screen, 3, "CXone is repaired; its dead letters are replayed");
  repairCxone(demo, parties);
  for (const { id, contactId } of lettersOf(due("discarded"))) {
    await demo.operator.discard(id, { note: "the caller has hung up" });
    screen.say(`  ${contactId} is discarded: the contact has ended, nobody is left to be handed over.`);
  }
  screen.say(
    `  ${contactsOf(due("dead, credentials"))} stay dead: Baton asks for a token again 30 s after a refusal at the earliest.`,
  );
  screen.say();
  screen.say(LINE_TITLES);
  const scenarios = due("delivered");
  const forced: DeadLetterJson[] = [];
  const meanwhile = replayAll(demo, lettersOf(scenarios), forced);
  await follow({ ...demo, screen, scenarios, ids, meanwhile });
  screen.say();
  screen.say(`  ${contactsOf(forced)} may have arrived the first time, so they are replayed by force.`);
  return await follow({ ...demo, screen: SILENT, scenarios: SCENARIOS, ids, meanwhile: Promise.resolve() });
}

async function showReckoning({ demo, screen, pauseMs }: Stage, last: Followed): Promise<Reckoning> {
  await sleep(pauseMs);
  const reckoning = reckon(last, await demo.operator.overview(), demo.simulator);
  const handoffs = [...last.values()];
  heading(screen, 4, "What Baton says, and what CXone saw");
  screen.say(indent(formatTable(reckoning.tallies, TALLY_COLUMNS, WIDTH)));
  screen.say();
  screen.say(`  ${endings(handoffs)}`);
  const twice = signalledTwice(handoffs, demo.simulator.signals()).size;
  const possible = handoffs.filter(({ possibleDuplicate }) => possibleDuplicate).length;
  screen.say(
    `  ${twice} contacts were signalled twice; Baton marks ${possible} handoffs as possible duplicates, those among them.`,
  );
  return reckoning;
}

/** The screen is made for 100 columns. */
const WIDTH = 96;

const CAUSE_COLUMNS: readonly Column<CauseJson>[] = [
  { title: "COUNT", text: ({ count }) => String(count), align: "right" },
  { title: "REASON", text: ({ reason }) => styleText("red", reason) },
  { title: "HTTP", text: ({ httpStatus }) => String(httpStatus ?? "") },
  {
    title: "WHAT HAPPENED",
    text: ({ detail, waitingFor }) => (waitingFor === undefined ? detail : `waiting for ${waitingFor}: ${detail}`),
    flexible: "cut",
  },
];

const TALLY_COLUMNS: readonly Column<Tally>[] = [
  { title: "BATON", text: ({ batonCount }) => String(batonCount), align: "right" },
  { title: "", text: ({ baton }) => baton },
  { title: "CXONE", text: ({ cxoneCount }) => String(cxoneCount), align: "right" },
  { title: "", text: ({ cxone }) => cxone },
  {
    title: "",
    text: ({ batonCount, cxoneCount }) =>
      batonCount === cxoneCount ? styleText("green", "✔") : styleText("red", "✖ differs"),
  },
];

const SILENT: Screen = { say: () => undefined, show: () => undefined, settle: () => undefined, close: () => undefined };

function heading(screen: Screen, number: number, text: string): void {
  screen.say();
  screen.say(styleText("bold", `${number} · ${text}`));
  screen.say();
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

function contactsOf(items: readonly { readonly contactId: string }[]): string {
  const ids = items.map(({ contactId }) => contactId);
  return ids.length < 2 ? ids.join() : `${ids.slice(0, -1).join(", ")} and ${ids.at(-1)}`;
}

function endings(handoffs: readonly HandoffJson[]): string {
  const counts = Object.entries(Object.groupBy(handoffs, ({ status }) => status)).map(
    ([status, each]) => `${each.length} ${status}`,
  );
  return `${handoffs.length} handoffs accepted: ${counts.join(", ")}.`;
}
