/** `baton handoff cancel`: takes a handoff back while it is queued. */
import { type HandoffJson, ProblemError } from "@baton/api";
import { Command } from "commander";
import { askForYesAtTerminal, type ConfirmOptions, YES_OPTION } from "../ask-for-confirmation.ts";
import { createProjectOrOperatorClient, type ProjectOrOperatorClient } from "../client-from-environment.ts";
import { describeHandoff } from "../handoff-view.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import { type PrintOptions, printJsonOrText } from "../terminal-output.ts";

export function createHandoffCancelCommand(): Command {
  return new Command("cancel")
    .description("take a handoff back, while it is queued; again: the same answer")
    .argument("<id>", "ho_…")
    .option(...YES_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, { json, yes }: PrintOptions & ConfirmOptions) => {
      const access = createProjectOrOperatorClient();
      await askForYesAtTerminal(`Take ${id} back? It is not sent then.`, yes);
      printJsonOrText(await cancelAtAdminOrIngress(access, id), { json }, (cancelled) => describeHandoff(cancelled));
    });
}

/** cancelAtAdminOrIngress asks admin where there is an admin key: the audit then says who did it. */
async function cancelAtAdminOrIngress(access: ProjectOrOperatorClient, id: string): Promise<HandoffJson> {
  const operator = access.as === "operator" ? access.client : access.operator;
  if (operator !== undefined) return await operator.cancelHandoff(id);
  try {
    return await access.client.cancel(id);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 404) throw error;
    throw new Error(`${error.message}; it may be another project's: with BATON_ADMIN_KEY, admin is asked`);
  }
}
