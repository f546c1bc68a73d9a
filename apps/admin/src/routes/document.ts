/** What every admin route says of itself in the OpenAPI document. */
import { problemSchema } from "@baton/api";
import { PROBLEMS, type ProblemCode } from "@baton/domain";
import { z } from "zod";

/** EVERYWHERE is what each route may refuse. */
const EVERYWHERE = [
  "invalid-request",
  "unauthenticated",
  "forbidden",
  "too-many-requests",
  "queue-unavailable",
] as const satisfies readonly ProblemCode[];

/** idParams is the id in a path. Any text: one that is no id names nothing. */
export const idParams = z.object({ id: z.string() });

/** NO_CONTENT is the answer to what was done and left nothing to show. */
export const NO_CONTENT = z.undefined().meta({ description: "Done." });

/** route describes a route: what it does, and which problems it may answer besides those of every route. */
export function route(tag: string, summary: string) {
  return { tags: [tag], summary, security: [{ bearer: [] as string[] }] };
}

/** refusals lists a route's problem answers by their status. */
export function refusals(...codes: readonly ProblemCode[]) {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of [...EVERYWHERE, ...codes]) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const answers = [...byStatus].map(([status, those]) => [
    status,
    { description: those.map((code) => `\`${code}\``).join(", "), content: { "application/problem+json": { schema: problemSchema } } },
  ]);
  return Object.fromEntries(answers) as Record<
    number,
    { description: string; content: { "application/problem+json": { schema: typeof problemSchema } } }
  >;
}
