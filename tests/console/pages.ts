/** The pages of the console by address, once something failed and was replayed. */
import type { BatonClient } from "@baton/api";
import { expect } from "vitest";
import { REFUSED } from "./baton-with-dead-letters.ts";

/** ConsolePage is an address, and words that stand there once it is drawn. */
export interface ConsolePage {
  readonly path: string;
  readonly shows: string;
  /** What is shown to a viewer who may not do what the page is for. */
  readonly refuses?: string;
  /** It shows nothing that it would ask admin for again and again. */
  readonly isForm?: true;
}

interface PagesOf {
  readonly connector: { readonly id: string; readonly name: string };
  readonly operator: BatonClient;
}

const NOT_ALLOWED = { refuses: "Your role does not allow this" } as const;

/** listPages has a run, an admin key and a token made, and lists every page. */
export async function listPages({ connector, operator }: PagesOf): Promise<readonly ConsolePage[]> {
  const { id: run } = await operator.startRun("replay", { all: true, note: "to see how it goes" });
  await expect.poll(async () => (await operator.run("replay", run)).status).toBe("completed");
  await operator.createAdminKey({ name: "Ana, on call", role: "operator" });
  await operator.createToken(connector.id);
  const [dead] = (await operator.deadLetters()).items;
  const of = `/connectors/${connector.id}`;
  return [
    { path: "/", shows: "Handoffs a minute" },
    { path: "/dead-letters", shows: "Look at one of them" },
    { path: "/dead-letters?tab=list", shows: "last attempt rejected" },
    { path: "/dead-letters/replay", shows: "Make the plan", ...NOT_ALLOWED, isForm: true },
    { path: "/dead-letters/discard", shows: "Make the plan", ...NOT_ALLOWED, isForm: true },
    { path: "/handoffs", shows: REFUSED },
    { path: `/handoffs/${dead?.id}`, shows: "Became a dead letter" },
    { path: "/runs", shows: "to see how it goes" },
    { path: "/runs?kind=discard", shows: "No discards yet" },
    { path: `/runs/replay/${run}`, shows: "died again" },
    { path: "/connectors", shows: connector.name },
    { path: "/connectors/new", shows: "Whose calls", ...NOT_ALLOWED, isForm: true },
    { path: of, shows: "What it is" },
    { path: `${of}?tab=settings`, shows: "Replace credentials", refuses: "Your role does not allow changes" },
    { path: `${of}?tab=tokens`, shows: "Connector tokens" },
    { path: `${of}?tab=screen-pop-keys`, shows: "No screen-pop key yet" },
    { path: `${of}?tab=test`, shows: "Send test signal", refuses: "It takes an operator." },
    { path: `${of}?tab=explain&status=503&retryAfter=12`, shows: "It counts against the breaker" },
    { path: "/audit", shows: "token.issue" },
    { path: "/keys", shows: "Ana, on call" },
    { path: "/nowhere", shows: "There is no such page", isForm: true },
  ];
}
