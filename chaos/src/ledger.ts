/**
 * The ledgers of a run: what was promised, what happened, how it ended, and what was done to it. One line of JSON each.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { handoffSchema } from "@baton/api";
import { z } from "zod";

const guarantee = z.enum(["at-least-once", "at-most-once"]);
export type Guarantee = z.infer<typeof guarantee>;

const answerSchema = z.object({
  /** When it was asked, epoch milliseconds, and how long the answer took. */
  at: z.number(),
  tookMs: z.number(),
  /** Names the request, and stands in the signal's p1 and in the handoff's shared id. */
  key: z.string(),
  call: z.enum(["accept", "cancel"]),
  guarantee,
  /** The HTTP status; `lost`: the connection ended without one; `not-reached`: there was no connection. */
  answer: z.union([z.number(), z.enum(["lost", "not-reached"])]),
});
/** Answer is what the producer got: a request that repeats has several. */
export type Answer = z.infer<typeof answerSchema>;

const effectSchema = z.object({
  at: z.number(),
  key: z.string(),
  contactId: z.string(),
  /** Whether the contact was signalled. */
  effect: z.boolean(),
  status: z.number().optional(),
  /** Other requests of the same contact that were open then. */
  inFlightSame: z.number(),
});
/** Effect is a signal's request, as CXone's stand-in saw it. */
export type Effect = z.infer<typeof effectSchema>;

const endingSchema = z.object({ key: z.string(), handoffs: z.array(handoffSchema).readonly() });
/** Ending is what Baton itself says of a request in the end: normally one handoff, or none where it was refused. */
export type Ending = z.infer<typeof endingSchema>;

const incidentSchema = z.object({ what: z.string(), at: z.number(), until: z.number() });
/** Incident is what was done to Baton, and when that was over. */
export type Incident = z.infer<typeof incidentSchema>;

const runFactsSchema = z.object({
  items: z.number(),
  tookMs: z.number(),
  /** Contacts of items by how often they were signalled; of those that were signalled again, whether each says so. */
  once: z.number(),
  twiceFlagged: z.number(),
  twiceUnflagged: z.number(),
  never: z.number(),
  /**
   * Of live handoffs, from the asking until the signal arrived: before the run, and beside it where nothing is broken.
   */
  aloneP99Ms: z.number(),
  besideP99Ms: z.number(),
});
/** RunFacts is what became of a run of many dead letters, as CXone's stand-in saw it. */
export type RunFacts = z.infer<typeof runFactsSchema>;

const headerSchema = z.object({
  scenario: z.string(),
  what: z.string(),
  seed: z.number(),
  startedAt: z.number(),
  requests: z.number(),
  perSecond: z.number(),
  /** What Redis itself does not promise here. `anything`: the last moment's steps, and whole handoffs. */
  mayForget: z.enum(["nothing", "anything"]),
  /** Of each of the connectors; what arrives is held to it. Ledgers from before it was written down have none. */
  rate: z.object({ perSecond: z.number(), burst: z.number() }).exactOptional(),
  run: runFactsSchema.exactOptional(),
  /** None may die here: CXone is well, and every deadline leaves time. */
  noneDies: z.literal(true).exactOptional(),
  /** How far Redis's clock goes back in between: who was accepted when says nothing within so long. Milliseconds. */
  clockBackMs: z.number().exactOptional(),
});
/** Header says which run this is. */
export type Header = z.infer<typeof headerSchema>;

/** Ledger is everything that was written down in one run. */
export interface Ledger {
  readonly header: Header;
  readonly answers: readonly Answer[];
  readonly effects: readonly Effect[];
  readonly endings: readonly Ending[];
  readonly incidents: readonly Incident[];
}

const LISTS = {
  answers: answerSchema,
  effects: effectSchema,
  endings: endingSchema,
  incidents: incidentSchema,
} as const;

/** writeLedger writes a run into a folder of its own. */
export function writeLedger(folder: string, ledger: Ledger): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "header.json"), `${JSON.stringify(ledger.header, undefined, 2)}\n`);
  for (const name of ["answers", "effects", "endings", "incidents"] as const) {
    writeFileSync(join(folder, `${name}.jsonl`), ledger[name].map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  }
}

/**
 * readLedgers reads every run below a folder, or the one that it is, in the order in which they ran. Throws where a
 * line is not understood.
 */
export function readLedgers(folder: string): readonly Ledger[] {
  const headers = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.split("/").at(-1) === "header.json",
  );
  const ledgers = headers.map((path) => readLedger(join(folder, path, "..")));
  return ledgers.toSorted((one, other) => one.header.startedAt - other.header.startedAt);
}

function readLedger(folder: string): Ledger {
  const lines = <T>(name: keyof typeof LISTS, schema: z.ZodType<T>): readonly T[] =>
    readFileSync(join(folder, `${name}.jsonl`), "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => schema.parse(JSON.parse(line)));
  return {
    header: headerSchema.parse(JSON.parse(readFileSync(join(folder, "header.json"), "utf8"))),
    answers: lines("answers", answerSchema),
    effects: lines("effects", effectSchema),
    endings: lines("endings", endingSchema),
    incidents: lines("incidents", incidentSchema),
  };
}
