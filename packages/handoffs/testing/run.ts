/** A run in a test's space, planned and stepped by hand. */
import { randomBytes } from "node:crypto";
import type { RunScope } from "@baton/domain";
import { createCollectRunPlanItems } from "../src/collect-run-plan-items.ts";
import { createRunItemStore, type StepConnector, type StepOrder } from "../src/run-item-store.ts";
import { FAR_FUTURE, type Space } from "./space.ts";

const ALL: RunScope = { filter: {}, includeUnknown: false, skipEndedContacts: false };

type Change = Partial<Omit<StepOrder, "connectors">> & { readonly connectors?: readonly StepConnector[] };

/** createRun plans a run in a space, and steps it. */
export async function createRun(space: Space, scope: Partial<RunScope> = {}) {
  const items = createRunItemStore(space.shards);
  const run = randomBytes(8).toString("hex").toUpperCase();
  const found = await createCollectRunPlanItems(space.shards)(run, { ...ALL, ...scope });
  const look = async (version = 1) => {
    const looked = await items.look(space.tag, { run, version, isDiscard: false, offset: 0, upcoming: 10 });
    if (looked.kind === "stale") throw new Error("stale");
    return looked;
  };
  const step = async ({ connectors, ...change }: Change = {}) =>
    items.step(space.tag, {
      run,
      version: 1,
      commandDeadline: FAR_FUTURE,
      isDiscard: false,
      quota: 100,
      includeUnknown: false,
      connectors: connectors ?? (await look()).ready.map(({ connectorId }) => ({ id: connectorId, most: 100 })),
      ...change,
    });
  const page = (result?: "waiting" | "replayed" | "delivered" | "died-again" | "discarded" | "skipped") =>
    items.page(run, { limit: 100, ...(result === undefined ? {} : { result }) });
  return { run, items, found, look, step, page, counts: () => items.counts(run) };
}
