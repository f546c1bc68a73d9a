/** `/__sim`: what a test does to this CXone over HTTP. Times in these answers are RFC 3339. */
import { formatJsonPointer } from "@baton/runtime";
import { z } from "zod";
import { contactSchema } from "./contact-store.ts";
import { settingsChangeSchema } from "./cxone-behavior-settings.ts";
import { faultRuleSchema } from "./faults.ts";
import { jsonAnswer, simulatorProblemAnswer } from "./http-answers.ts";
import type { Reply } from "./send-reply.ts";
import type { SeenSignal } from "./signal-store.ts";
import type { SimulatorControls } from "./simulator-controls.ts";
import type { Route, RouteRequest } from "./simulator-route-types.ts";
import { accessKeySchema, type TokenRequest } from "./token-store.ts";

/** Page sizes: a signal takes about 700 bytes of JSON, so the largest page stays below 10 MB. */
const PAGE_DEFAULT = 1_000;
const PAGE_MAX = 10_000;

const nothingSchema = z.strictObject({});
const contactsSchema = z.union([
  contactSchema,
  z.strictObject({ contacts: z.array(contactSchema).min(1).max(PAGE_MAX) }),
]);
const revokeSchema = z.strictObject({ accessKeyId: z.string().min(1).optional() });
const pageSchema = { limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT) };
const signalsQuery = z.strictObject({
  contactId: z.string().optional(),
  accessKeyId: z.string().optional(),
  effect: z.stringbool().optional(),
  cursor: z.coerce.number().int().min(0).default(0),
  ...pageSchema,
});
const tokenRequestsQuery = z.strictObject({ accessKeyId: z.string().optional() });

/** controlRoutes gives every control its endpoint; a body or query that is not understood is refused by name. */
export function controlRoutes(controls: SimulatorControls): readonly Route[] {
  return [
    getRoute("state", nothingSchema, () => jsonAnswer(200, controls.state())),
    getRoute("faults", nothingSchema, () => jsonAnswer(200, { items: controls.faults() })),
    postRoute("faults", faultRuleSchema, ({ scope, on, times, fault }) => {
      const { contactId, accessKeyId } = scope;
      return jsonAnswer(201, { id: controls.answer({ ...fault, on, times, contactId, accessKeyId }) });
    }),
    {
      method: "DELETE",
      pattern: /^\/__sim\/faults$/,
      serve: () => ({ answer: jsonAnswer(200, { withdrawn: controls.repair() }) }),
    },
    {
      method: "DELETE",
      pattern: /^\/__sim\/faults\/([\w-]+)$/,
      serve: ({ path: [id = ""] }) => withdrawFault(controls, id),
    },
    postRoute("contacts", contactsSchema, (body) => {
      const declared = "contacts" in body ? body.contacts : [body];
      for (const { contactId, state, ...options } of declared) controls.contact(contactId, state, options);
      return jsonAnswer(200, { declared: declared.length });
    }),
    {
      method: "GET",
      pattern: /^\/__sim\/contacts\/(\d{1,19})$/,
      serve: ({ path: [id = ""] }) => ({ answer: jsonAnswer(200, contactToJson(controls, id)) }),
    },
    postRoute("access-keys", accessKeySchema, (key) => {
      controls.accessKey(key);
      return jsonAnswer(200, { accessKeyId: key.accessKeyId });
    }),
    getRoute("signals", signalsQuery, ({ limit, cursor, ...filter }) =>
      jsonAnswer(200, pageOfSignals(controls, { limit, after: cursor, filter })),
    ),
    getRoute("token-requests", tokenRequestsQuery, ({ accessKeyId }) =>
      jsonAnswer(200, { items: controls.tokenRequests(accessKeyId).map(tokenRequestToJson) }),
    ),
    postRoute("tokens/revoke", revokeSchema, ({ accessKeyId }) =>
      jsonAnswer(200, { revoked: controls.revokeTokens(accessKeyId) }),
    ),
    getRoute("settings", nothingSchema, () => jsonAnswer(200, controls.settings())),
    postRoute("settings", settingsChangeSchema, (change) => jsonAnswer(200, controls.settings(change))),
    postRoute("reset", nothingSchema, () => {
      controls.reset();
      return jsonAnswer(200, controls.state());
    }),
  ];
}

type Serve<S extends z.ZodType> = (input: z.output<S>) => Reply["answer"];

function getRoute<S extends z.ZodType>(name: string, schema: S, serve: Serve<S>): Route {
  const read = (call: RouteRequest): unknown => Object.fromEntries(call.query);
  return {
    method: "GET",
    pattern: new RegExp(`^/__sim/${name}$`),
    serve: (call) => ({ answer: serveIfValid(schema, read(call), serve) }),
  };
}

/** An empty body counts as `{}`, so that `curl -X POST` is enough where nothing need be said. */
function postRoute<S extends z.ZodType>(name: string, schema: S, serve: Serve<S>): Route {
  return {
    method: "POST",
    pattern: new RegExp(`^/__sim/${name}$`),
    serve({ body }) {
      try {
        return { answer: serveIfValid(schema, body.trim() === "" ? {} : JSON.parse(body), serve) };
      } catch (error) {
        if (error instanceof SyntaxError) return { answer: simulatorProblemAnswer(400, "The body is not JSON.") };
        throw error;
      }
    },
  };
}

function serveIfValid<S extends z.ZodType>(schema: S, input: unknown, serve: Serve<S>): Reply["answer"] {
  const result = schema.safeParse(input);
  if (result.success) return serve(result.data);
  return simulatorProblemAnswer(
    422,
    "The request is not understood.",
    result.error.issues.flatMap((issue) => issuesOf(issue)),
  );
}

type Issue = z.core.$ZodIssue;

/**
 * Of the shapes that a union allows, the one that was missed by least is what the caller meant; an unknown member is
 * pointed at by its name.
 */
function issuesOf(
  issue: Issue,
  above: readonly PropertyKey[] = [],
): readonly { readonly pointer: string; readonly message: string }[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ pointer: formatJsonPointer([...path, key]), message: "is not known here" }));
  const nearest =
    issue.code === "invalid_union" ? issue.errors.toSorted((one, other) => one.length - other.length)[0] : undefined;
  if (nearest !== undefined) return nearest.flatMap((inner) => issuesOf(inner, path));
  return [{ pointer: formatJsonPointer(path), message: issue.message }];
}

function withdrawFault(controls: SimulatorControls, id: string): Reply {
  if (controls.withdraw(id)) return { answer: { status: 204 } };
  return { answer: simulatorProblemAnswer(404, `No fault ${id} stands; it was withdrawn or used up.`) };
}

interface SignalsPage {
  readonly limit: number;
  readonly after: number;
  readonly filter: {
    readonly contactId?: string | undefined;
    readonly accessKeyId?: string | undefined;
    readonly effect?: boolean | undefined;
  };
}

function pageOfSignals(controls: SimulatorControls, { limit, after, filter }: SignalsPage) {
  const found = controls.signals({ ...filter, after, limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(signalToJson),
    ...(last === undefined || found.length <= limit ? {} : { nextCursor: String(last.number) }),
  };
}

function signalToJson({ at, endedAt, ...signal }: SeenSignal) {
  return { at: formatInstant(at), ...(endedAt === undefined ? {} : { endedAt: formatInstant(endedAt) }), ...signal };
}

function tokenRequestToJson({ at, ...request }: TokenRequest) {
  return { at: formatInstant(at), ...request };
}

function contactToJson(controls: SimulatorControls, contactId: string) {
  const view = controls.contactView(contactId);
  return { ...view, history: view.history.map(({ state, at }) => ({ state, at: formatInstant(at) })) };
}

function formatInstant(at: number): string {
  return new Date(at).toISOString();
}
