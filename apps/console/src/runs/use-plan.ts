/** Making a plan, and beginning a run from the plan that was seen. */
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { write } from "../api/request.ts";
import type { DeadLetterFilter, Plan, Run, RunKind } from "../api/shapes.ts";
import { type Action, useAction } from "../ui/use-action.ts";
import type { PlanChoices } from "./plan-command.ts";
import { runsPath } from "./run-api-paths.ts";

/** Start is how a run goes. */
export interface Start {
  readonly note: string;
  readonly ratePerSecond?: number;
  readonly first?: number;
  readonly stopWhenDying?: number;
}

/** Counting a million may take longer than another answer. Milliseconds. */
const PATIENCE_MS = 30_000;

export function usePlanAction(
  kind: RunKind,
  filter: DeadLetterFilter,
  onPlan: (plan: Plan) => void,
): Action<PlanChoices> {
  const all = Object.keys(filter).length === 0 ? { all: true } : {};
  return useAction<PlanChoices, Plan>((choices) => {
    const body = { filter, ...all, ...chosen(kind, choices), dryRun: true };
    return write<Plan>({ method: "POST", path: runsPath(kind), body, patienceMs: PATIENCE_MS });
  }, onPlan);
}

/** A discard resends nothing: CXone is not asked about any contact. */
function chosen(kind: RunKind, { includeUnknown, skipEndedContacts }: PlanChoices) {
  return {
    ...(includeUnknown ? { includeUnknown } : {}),
    ...(kind === "replay" && skipEndedContacts ? { skipEndedContacts } : {}),
  };
}

/** useStartAction goes to the run's page; pressed twice, the plan's own idempotency key keeps it one run. */
export function useStartAction(kind: RunKind, plan: Plan): Action<Start> {
  const navigate = useNavigate();
  const key = useRef(window.crypto.getRandomValues(new Uint32Array(4)).join("-"));
  return useAction<Start, Run>(
    (start) =>
      write<Run>({
        method: "POST",
        path: runsPath(kind),
        body: { planId: plan.planId, ...start },
        idempotencyKey: `console-${key.current}`,
        patienceMs: PATIENCE_MS,
      }),
    ({ id }) => navigate({ to: "/runs/$kind/$id", params: { kind, id } }),
  );
}
