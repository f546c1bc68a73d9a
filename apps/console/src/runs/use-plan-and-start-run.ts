/** Making a plan, and beginning a run from the plan that was seen. */
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import type { DeadLetterFilter, Plan, Run, RunKind } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { type ApiAction, useApiAction } from "../ui/use-api-action.ts";
import type { PlanChoices } from "./plan-cli-command.ts";

/** StartRunOptions is how a run goes. */
export interface StartRunOptions {
  readonly note: string;
  readonly ratePerSecond?: number;
  readonly first?: number;
  readonly stopWhenDying?: number;
}

/** Counting a million may take longer than another answer. Milliseconds. */
const TIMEOUT_MS = 30_000;

export function useCreateRunPlan(
  kind: RunKind,
  filter: DeadLetterFilter,
  onPlan: (plan: Plan) => void,
): ApiAction<PlanChoices> {
  const all = Object.keys(filter).length === 0 ? { all: true } : {};
  return useApiAction<PlanChoices, Plan>((choices) => {
    const body = { filter, ...all, ...toPlanOptions(kind, choices), dryRun: true };
    return writeToApi<Plan>({ method: "POST", path: `/admin/v1/${kind}s`, body, timeoutMs: TIMEOUT_MS });
  }, onPlan);
}

/** A discard resends nothing: CXone is not asked about any contact. */
function toPlanOptions(kind: RunKind, { includeUnknown, skipEndedContacts }: PlanChoices) {
  return {
    ...(includeUnknown ? { includeUnknown } : {}),
    ...(kind === "replay" && skipEndedContacts ? { skipEndedContacts } : {}),
  };
}

/** useStartRun goes to the run's page; pressed twice, the plan's own idempotency key keeps it one run. */
export function useStartRun(kind: RunKind, plan: Plan): ApiAction<StartRunOptions> {
  const navigate = useNavigate();
  const key = useRef(window.crypto.getRandomValues(new Uint32Array(4)).join("-"));
  return useApiAction<StartRunOptions, Run>(
    (start) =>
      writeToApi<Run>({
        method: "POST",
        path: `/admin/v1/${kind}s`,
        body: { planId: plan.planId, ...start },
        idempotencyKey: `console-${key.current}`,
        timeoutMs: TIMEOUT_MS,
      }),
    ({ id }) => navigate({ to: "/runs/$kind/$id", params: { kind, id } }),
  );
}
