/** What every admin route says of itself in the OpenAPI document. */
import type { ProblemCode } from "@baton/domain";
import { z } from "zod";

/** idParams is the id in a path. Any text: one that is no id names nothing. */
export const idParams = z.object({ id: z.string() });

/** NO_CONTENT is the answer to what was done and left nothing to show. */
export const NO_CONTENT = z.undefined().meta({ description: "Done." });

/** NOT_MODIFIED is the answer to a client that has it already. */
export const NOT_MODIFIED = z.undefined().meta({ description: "What `If-None-Match` names is still right." });

/**
 * RouteText says which group of routes one belongs to, what it is called in generated clients, what it does, and which
 * problems it may answer besides those of every route.
 */
interface RouteText {
  readonly tag: string;
  readonly operationId: string;
  readonly summary: string;
  readonly refuses?: readonly ProblemCode[];
}

/** SECURITY: an admin key, or the console's session. */
const SECURITY = [{ bearer: [] as string[] }, { session: [] as string[] }];

/** describeRoute makes a route's schema of its text and of what it takes and answers. */
export function describeRoute<Route extends RouteText>({ tag, refuses = [], ...schema }: Route) {
  return { ...schema, tags: [tag], security: SECURITY, refuses };
}
