/** Request bodies read strictly as JSON, then checked against a route's zod schemas. */
import { formatJsonPointer, markInexactNumbersInJson, Refusal, type ValidationIssue } from "@baton/domain";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether the body keeps numbers as they are sent: one that would change is an InexactNumber to its schema. */
    exactNumbers?: boolean;
  }
}

/** InvalidInput: a part of the request does not fit its schema. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
  readonly part: string;
  readonly issues: readonly ValidationIssue[];

  constructor(part: string, issues: readonly ValidationIssue[]) {
    super(`${issues.length} issues with the ${part}`);
    this.part = part;
    this.issues = issues;
  }
}

const NO_NULL = "send a JSON object, or no body at all";
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * acceptOnlyJsonBodies lets `app` read `application/json` and nothing else.
 *
 * Bytes that are no UTF-8 are refused rather than replaced. A member `__proto__` is one like any other: JSON.parse sets
 * no prototype. An empty body is taken for no body where the route's schema allows none, because many clients set the
 * media type on every POST.
 */
export function acceptOnlyJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, bytes, done) =>
    done(null, readJson(request, bytes)),
  );
  // A request without a body has no media type that a parser could be found by.
  app.addHook("preValidation", (request, _, done) => {
    if (request.body === undefined && !mayBodyBeAbsent(request.routeOptions.schema?.body)) throw emptyBodyRefusal();
    done();
  });
}

function readJson({ headers, routeOptions }: FastifyRequest, bytes: Buffer): unknown {
  const { schema, config } = routeOptions;
  const isOptional = mayBodyBeAbsent(schema?.body);
  if (bytes.length === 0 && isOptional) return null;
  if (bytes.length === 0) throw emptyBodyRefusal();
  refuseEncoding(headers["content-encoding"]);
  const body = parseJson(bytes, config.exactNumbers);
  // Fastify's word for no body at all.
  if (isOptional && body === null) throw new InvalidInput("body", [{ pointer: "", message: NO_NULL }]);
  return body;
}

function parseJson(bytes: Buffer, exactNumbers = false): unknown {
  try {
    const text = UTF8.decode(bytes);
    const body: unknown = JSON.parse(text);
    return exactNumbers ? markInexactNumbersInJson(text, body) : body;
  } catch {
    throw new Refusal("malformed-json", "the body is not JSON (RFC 8259)");
  }
}

function refuseEncoding(encoding = "identity"): void {
  if (encoding.toLowerCase() === "identity") return;
  throw new Refusal("unsupported-media-type", "send the body uncompressed, without Content-Encoding");
}

function emptyBodyRefusal(): Refusal {
  return new Refusal("malformed-json", "the body is empty; send JSON");
}

/** ToIssues words what is wrong with a value, as pointers into it. */
export type ToIssues = (error: z.ZodError) => readonly ValidationIssue[];

/** validateInputBySchemas has `app` check what comes in against zod schemas. */
export function validateInputBySchemas(app: FastifyInstance, toIssues: ToIssues): void {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart = "request" }) => (data) => {
    // Fastify says null where there is no body, and zod's optional means undefined.
    const result = schema.safeParse(data ?? undefined);
    return result.success ? { value: result.data } : { error: new InvalidInput(httpPart, toIssues(result.error)) };
  });
}

/**
 * issuesOf gives one issue for each thing that is wrong, with an RFC 6901 pointer to it; an unknown field is
 * pointed at itself.
 */
export const issuesOf: ToIssues = (error) =>
  error.issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [{ pointer: formatJsonPointer(issue.path), message: issue.message }];
    return issue.keys.map((key) => ({
      pointer: formatJsonPointer([...issue.path, key]),
      message: `unknown field ${JSON.stringify(key)}`,
    }));
  });

/** What was found of bodies' schemas: to try one out costs more than all else of reading a body. */
const optional = new WeakMap<z.ZodType, boolean>();

/** mayBodyBeAbsent says whether a route takes a request without a body. */
export function mayBodyBeAbsent(schema: unknown): boolean {
  if (!(schema instanceof z.ZodType)) return schema === undefined;
  const known = optional.get(schema) ?? schema.safeParse(undefined).success;
  optional.set(schema, known);
  return known;
}
