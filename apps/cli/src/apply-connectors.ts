/** Applying connectors: each is created, changed or left as it is, after all of them were tried out. */
import {
  type BatonClient,
  type ConnectorBody,
  type ConnectorJson,
  ProblemError,
  removeNullsForDefaults,
} from "@baton/api";
import { describeError, Misuse } from "./command-errors.ts";
import type { FileConnector } from "./connector-file.ts";
import { formatAccountProjectEnvironment, readAllConnectors } from "./find-connector.ts";

type Client = Pick<
  BatonClient,
  "connectors" | "createConnector" | "patchConnector" | "previewConnector" | "previewPatch"
>;

/** ApplyResult is what became of a connector; the first two are what would become of it in a dry run. */
export type ApplyResult = "to-create" | "to-change" | "created" | "changed" | "unchanged" | "failed" | "not-sent";

/** AppliedConnector is one connector's result; `changed` points at members, never at what they hold. */
export interface AppliedConnector {
  readonly project: string;
  readonly name?: string;
  readonly connectorId?: string;
  readonly result: ApplyResult;
  readonly changed: readonly string[];
  /** Why it failed. */
  readonly detail?: string;
}

export interface ApplyOptions {
  readonly dryRun: boolean;
  /** Called before each step, in words. */
  readonly onStep: (words: string) => void;
}

/** ConnectorPlan is what is to be done with one connector of the file. */
interface ConnectorPlan {
  readonly wanted: FileConnector;
  readonly known: ConnectorJson | undefined;
  readonly applied: AppliedConnector;
}

/**
 * applyConnectors tries all connectors out first, and sends none where one is refused. A connector that is there, by
 * its project, is changed by the members that the file gives; the others stay. Throws Misuse for one without a project,
 * or two of the same.
 */
export async function applyConnectors(
  client: Client,
  wanted: readonly FileConnector[],
  options: ApplyOptions,
): Promise<readonly AppliedConnector[]> {
  const projects = projectNamesOf(wanted);
  const known = new Map(
    (await readAllConnectors(client)).map((connector) => [formatAccountProjectEnvironment(connector), connector]),
  );
  const plans: ConnectorPlan[] = [];
  for (const [index, connector] of wanted.entries()) {
    const project = projects[index] ?? "";
    options.onStep(`trying out ${index + 1} of ${wanted.length}: ${project}`);
    plans.push(await previewApply(client, { project, wanted: connector, known: known.get(project) }));
  }
  if (options.dryRun) return plans.map(({ applied }) => applied);
  const isRefused = plans.some(({ applied }) => applied.result === "failed");
  return isRefused ? plans.map(({ applied }) => asNotSent(applied)) : await applyPlans(client, plans, options.onStep);
}

function projectNamesOf(wanted: readonly FileConnector[]): readonly string[] {
  const projects = wanted.map(({ accountId, projectId, environment = "live" }, index) => {
    if ([accountId, projectId, environment].every((part) => typeof part === "string" && part !== "")) {
      return formatAccountProjectEnvironment({ accountId, projectId, environment } as ConnectorJson);
    }
    throw new Misuse(
      `connector ${index + 1} of the file names no project; give it accountId and projectId (and environment, unless it is "live"), as text`,
    );
  });
  const repeated = projects.find((project, index) => projects.indexOf(project) < index);
  if (repeated !== undefined)
    throw new Misuse(`the file has two connectors of ${repeated}; a project and environment have one`);
  return projects;
}

interface Trial {
  readonly project: string;
  readonly wanted: FileConnector;
  readonly known: ConnectorJson | undefined;
}

async function previewApply(client: Client, { project, wanted, known }: Trial): Promise<ConnectorPlan> {
  const { name = known?.name } = wanted;
  const facts = { project, ...(typeof name === "string" && { name }), ...(known && { connectorId: known.id }) };
  try {
    const { changed } = await (known === undefined
      ? client.previewConnector(asConnectorBody(wanted))
      : client.previewPatch(known.id, wanted));
    const result = known === undefined ? "to-create" : changed.length === 0 ? "unchanged" : "to-change";
    return { wanted, known, applied: { ...facts, result, changed } };
  } catch (error) {
    if (!isRefusalOfConnector(error)) throw error;
    return { wanted, known, applied: { ...facts, result: "failed", changed: [], detail: describeFailure(error) } };
  }
}

function asNotSent(applied: AppliedConnector): AppliedConnector {
  return applied.result === "to-create" || applied.result === "to-change"
    ? { ...applied, result: "not-sent" }
    : applied;
}

async function applyPlans(
  client: Client,
  plans: readonly ConnectorPlan[],
  onStep: ApplyOptions["onStep"],
): Promise<readonly AppliedConnector[]> {
  const results: AppliedConnector[] = [];
  let isLost = false;
  for (const [index, plan] of plans.entries()) {
    onStep(`applying ${index + 1} of ${plans.length}: ${plan.applied.project}`);
    const sent: AppliedPlan = isLost ? { applied: asNotSent(plan.applied), isLost } : await applyPlan(client, plan);
    results.push(sent.applied);
    isLost = sent.isLost;
  }
  return results;
}

interface AppliedPlan {
  readonly applied: AppliedConnector;
  /** Baton cannot be spoken to any more: the next would fail of the same. */
  readonly isLost: boolean;
}

async function applyPlan(client: Client, { wanted, known, applied }: ConnectorPlan): Promise<AppliedPlan> {
  if (applied.result === "unchanged") return { applied, isLost: false };
  try {
    const { id } = await (known === undefined
      ? client.createConnector(asConnectorBody(wanted))
      : client.patchConnector(known.id, wanted));
    return {
      applied: { ...applied, connectorId: id, result: known === undefined ? "created" : "changed" },
      isLost: false,
    };
  } catch (error) {
    return {
      applied: { ...applied, result: "failed", changed: [], detail: describeFailure(error) },
      isLost: !isRefusalOfConnector(error),
    };
  }
}

/** asConnectorBody leaves out what a new connector has by default; what else is in it, the API judges. */
function asConnectorBody(wanted: FileConnector): ConnectorBody {
  return removeNullsForDefaults(wanted) as ConnectorBody;
}

/** isRefusalOfConnector: it concerns this connector alone. */
function isRefusalOfConnector(error: unknown): boolean {
  return error instanceof ProblemError && ![401, 403, 503].includes(error.status);
}

function describeFailure(error: unknown): string {
  const code = error instanceof ProblemError ? error.code : undefined;
  const words = describeError(error) ?? "";
  if (code === "number-taken")
    return `${words}\n  take it from that one first; where both are in this file, put that one before this`;
  if (code === "project-taken") return `${words}\n  it was created meanwhile: apply once more to change it`;
  return words;
}
