/** One handoff on one line of the demo's screen. */
import { styleText } from "node:util";
import type { HandoffJson } from "@baton/api";
import { type HandoffStatus, hasEnded } from "@baton/domain";
import { paintAttemptOutcome, paintHandoffStatus } from "../handoff-view.ts";
import { pad } from "../text-table.ts";
import type { Scenario } from "./demo-scenarios.ts";
import type { ScreenLine } from "./live-screen.ts";

/** Characters of each column; with two between them, 98 in all. */
const WIDTH = { connector: 8, contact: 4, story: 30, standing: 22, attempts: 24 } as const;
const GAP = "  ";
const NEXT = " › ";

const SIGN: Readonly<Record<HandoffStatus, string>> = {
  queued: "○",
  sending: "◐",
  delivered: "✔",
  dead: "✖",
  cancelled: "⊘",
  discarded: "⊘",
};

/** LINE_TITLES stands above the lines. */
export const LINE_TITLES = styleText(
  "dim",
  GAP +
    [
      pad("CLIENT", { width: WIDTH.connector }),
      pad("CONT", { width: WIDTH.contact }),
      pad("CXONE", { width: WIDTH.story }),
      pad("HANDOFF", { width: WIDTH.standing }),
      "ATTEMPTS",
    ].join(GAP),
);

/** formatHandoffLine shows `handoff`, or that it is not sent yet. */
export function formatHandoffLine(scenario: Scenario, handoff: HandoffJson | undefined): ScreenLine {
  const { connector, contactId, story } = scenario;
  const cells = [
    pad(connector, { width: WIDTH.connector }),
    styleText("dim", pad(contactId, { width: WIDTH.contact })),
    pad(story, { width: WIDTH.story }),
    handoff === undefined
      ? ""
      : paintHandoffStatus(
          handoff.status,
          pad(`${SIGN[handoff.status]} ${formatShortStatus(handoff)}`, { width: WIDTH.standing }),
        ),
    handoff === undefined ? "" : formatAttempts(handoff),
  ];
  return {
    key: `${contactId} ${story}`,
    text: GAP + cells.join(GAP),
    mark: handoff === undefined ? undefined : changeMarkOf(handoff),
    ended: handoff !== undefined && hasEnded(handoff.status),
  };
}

/** changeMarkOf changes with what is worth a line of its own: an end, an attempt, a new reason to wait. */
function changeMarkOf({ status, waitingFor, attempts }: HandoffJson): string | undefined {
  if (status === "sending" || (status === "queued" && waitingFor == null)) return undefined;
  return `${status} ${waitingFor} ${attempts.length}`;
}

function formatShortStatus({ status, reason, waitingFor }: HandoffJson): string {
  if (status === "dead") return `dead, ${reason}`;
  return status === "queued" && waitingFor != null ? `waits: ${waitingFor}` : status;
}

/** formatAttempts says what each attempt met, the newest last; what does not fit is left out in front. */
function formatAttempts({ attempts }: HandoffJson): string {
  const steps = attempts.map(({ httpStatus, outcome }) => ({
    text: String(httpStatus ?? (outcome === "ambiguous" ? "no answer" : outcome)),
    outcome,
  }));
  let first = steps.length;
  for (let width = "… ".length; first > 0; first -= 1) {
    width += (steps[first - 1]?.text.length ?? 0) + (first === steps.length ? 0 : NEXT.length);
    if (width > WIDTH.attempts) break;
  }
  const shown = steps.slice(first).map(({ text, outcome }) => paintAttemptOutcome(outcome, text));
  return (first > 0 ? styleText("dim", "… ") : "") + shown.join(styleText("dim", NEXT));
}
