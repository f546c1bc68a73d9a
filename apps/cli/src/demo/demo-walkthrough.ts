/** The demo from its first line to its summary. */
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";
import type { DeadLetterJson, HandoffJson, PlanJson, ReceivedCause } from "@baton/api";
import { pluralize } from "../number-format.ts";
import { type Column, formatTable } from "../text-table.ts";
import {
  type CountByBatonAndCxone,
  checkDemoResults,
  type DemoSummary,
  findContactsSignalledTooOften,
  findUnexpectedHandoffEndings,
} from "./check-demo-results.ts";
import { SCENARIOS, type Scenario } from "./demo-scenarios.ts";
import type { DemoServices } from "./demo-services.ts";
import { type FollowedHandoffs, followHandoffsUntilEnded } from "./follow-handoffs.ts";
import { LINE_TITLES } from "./handoff-line.ts";
import type { LiveScreen } from "./live-screen.ts";
import {
  planDemoReplayRuns,
  prepareSimulatedContacts,
  readAllDeadLetters,
  repairSimulatedCxone,
  sendScenarioHandoffs,
  startAndAwaitReplayRuns,
} from "./send-and-replay-handoffs.ts";
import type { Tenants } from "./tenant-connectors.ts";

/** Walkthrough is what the steps work with. */
export interface Walkthrough {
  readonly demo: DemoServices;
  readonly tenants: Tenants;
  readonly screen: LiveScreen;
  /** Time for a person to read, milliseconds; 0 where it is not watched. */
  readonly pauseMs: number;
}

/** runWalkthrough runs every step and says how it ended. */
export async function runWalkthrough(walkthrough: Walkthrough): Promise<DemoSummary> {
  const ids = new Map<Scenario, string>();
  const first = await showHandoffs(walkthrough, ids);
  const deadLetters = await showDeadLetters(walkthrough);
  const last = new Map([...first, ...(await showReplays(walkthrough, ids, deadLetters))]);
  const summary = await showSummary(walkthrough, last);
  return {
    ...summary,
    differences: [...new Set([...findUnexpectedHandoffEndings(first, "first"), ...summary.differences])],
  };
}

async function showHandoffs(
  { demo, tenants, screen }: Walkthrough,
  ids: Map<Scenario, string>,
): Promise<FollowedHandoffs> {
  printStepHeading(
    screen,
    1,
    `${SCENARIOS.length} handoffs of ${Object.keys(tenants).length} clients meet every answer that CXone gives`,
  );
  prepareSimulatedContacts(demo);
  screen.say(LINE_TITLES);
  return await followHandoffsUntilEnded({
    ...demo,
    screen,
    scenarios: SCENARIOS,
    ids,
    meanwhile: sendScenarioHandoffs(demo, tenants, ids),
  });
}

async function showDeadLetters({ demo, tenants, screen, pauseMs }: Walkthrough): Promise<readonly DeadLetterJson[]> {
  const deadLetters = await readAllDeadLetters(demo);
  const { items: causes } = await demo.operator.causes({ limit: 500 });
  printStepHeading(
    screen,
    2,
    `${pluralize(deadLetters.length, "dead letter")} of ${pluralize(causes.length, "cause")}`,
  );
  const nameOf = new Map(Object.values(tenants).map(({ connectorId, name }) => [connectorId, name]));
  const clients = ({ connectors }: ReceivedCause) => connectors.map((id) => nameOf.get(id) ?? id).join(", ");
  screen.say(indent(formatTable(causes, [...CAUSE_COLUMNS, { title: "CLIENT", text: clients }], WIDTH)));
  await sleep(pauseMs);
  return deadLetters;
}

async function showReplays(
  { demo, tenants, screen }: Walkthrough,
  ids: ReadonlyMap<Scenario, string>,
  deadLetters: readonly DeadLetterJson[],
): Promise<FollowedHandoffs> {
  const due = (last: Scenario["last"]) =>
    SCENARIOS.filter((scenario) => scenario.first.startsWith("dead") && scenario.last === last);
  const deadLettersOf = (scenarios: readonly Scenario[]) =>
    deadLetters.filter(({ id }) => scenarios.some((scenario) => ids.get(scenario) === id));
  printStepHeading(screen, 3, "CXone is repaired; its dead letters are replayed by runs");
  repairSimulatedCxone(demo, tenants);
  for (const { id, contactId } of deadLettersOf(due("discarded"))) {
    await demo.operator.discard(id, { note: "the caller has hung up" });
    screen.say(`  ${contactId} is discarded: the contact has ended, so no signal can reach it.`);
  }
  screen.say(
    `  ${listContactIds(due("dead, credentials"))} stay dead: Baton asks for a token again 30 s after a refusal at the earliest.`,
  );
  const plans = await planDemoReplayRuns(demo, tenants);
  screen.say(`  ${describePlans(plans)}`);
  screen.say();
  screen.say(LINE_TITLES);
  await followHandoffsUntilEnded({
    ...demo,
    screen,
    scenarios: due("delivered"),
    ids,
    meanwhile: startAndAwaitReplayRuns(demo, plans),
  });
  return await followHandoffsUntilEnded({
    ...demo,
    screen: SILENT_SCREEN,
    scenarios: SCENARIOS,
    ids,
    meanwhile: Promise.resolve(),
  });
}

async function showSummary({ demo, screen, pauseMs }: Walkthrough, last: FollowedHandoffs): Promise<DemoSummary> {
  await sleep(pauseMs);
  const summary = checkDemoResults(last, await demo.operator.overview(), demo.simulator);
  const handoffs = [...last.values()];
  printStepHeading(screen, 4, "What Baton says, and what CXone saw");
  screen.say(indent(formatTable(summary.counts, COUNT_COLUMNS, WIDTH)));
  screen.say();
  screen.say(`  ${describeEndings(handoffs)}`);
  const twice = findContactsSignalledTooOften(handoffs, demo.simulator.signals()).size;
  const possible = handoffs.filter(({ possibleDuplicate }) => possibleDuplicate).length;
  screen.say(
    `  ${twice} contacts were signalled twice; Baton marks ${possible} handoffs as possible duplicates, those among them.`,
  );
  return summary;
}

/** describePlans says what the runs will take, as an operator sees it before starting one. */
function describePlans(plans: readonly PlanJson[]): string {
  const sum = (part: "taken" | "mayHaveArrived") => plans.reduce((total, plan) => total + plan[part], 0);
  return `${pluralize(plans.length, "run")} take ${sum("taken")}; ${sum("mayHaveArrived")} of them may have arrived the first time, and are taken too.`;
}

/** The screen is made for 100 columns. */
const WIDTH = 96;

const CAUSE_COLUMNS: readonly Column<ReceivedCause>[] = [
  { title: "COUNT", text: ({ count }) => String(count), align: "right" },
  { title: "REASON", text: ({ reason }) => styleText("red", reason) },
  { title: "HTTP", text: ({ httpStatus }) => String(httpStatus ?? "") },
  {
    title: "WHAT HAPPENED",
    text: ({ detail, waitingFor }) => (waitingFor === undefined ? detail : `waiting for ${waitingFor}: ${detail}`),
    flexible: "cut",
  },
];

const COUNT_COLUMNS: readonly Column<CountByBatonAndCxone>[] = [
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

const SILENT_SCREEN: LiveScreen = {
  say: () => undefined,
  show: () => undefined,
  settle: () => undefined,
  close: () => undefined,
};

function printStepHeading(screen: LiveScreen, number: number, text: string): void {
  screen.say();
  screen.say(styleText("bold", `${number} · ${text}`));
  screen.say();
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

function listContactIds(items: readonly { readonly contactId: string }[]): string {
  const ids = items.map(({ contactId }) => contactId);
  return ids.length < 2 ? ids.join() : `${ids.slice(0, -1).join(", ")} and ${ids.at(-1)}`;
}

function describeEndings(handoffs: readonly HandoffJson[]): string {
  const counts = Object.entries(Object.groupBy(handoffs, ({ status }) => status)).map(
    ([status, each]) => `${each.length} ${status}`,
  );
  return `${handoffs.length} handoffs accepted: ${counts.join(", ")}.`;
}
