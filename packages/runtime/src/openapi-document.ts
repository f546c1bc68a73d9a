/** The OpenAPI document, made from the routes' own schemas. */
import { STATUS_CODES } from "node:http";
import { PROBLEM_GUIDE, PROBLEMS, type ProblemCode } from "@baton/domain";
import type { FastifySchema } from "fastify";
import { z } from "zod";
import {
  type CreateDocumentOptions,
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from "zod-openapi";
import { mayBodyBeAbsent } from "./request-validation.ts";

declare module "fastify" {
  interface FastifySchema {
    /** What the document shows of a body, where that is another schema than the one which checks it. */
    documentedBody?: z.ZodType;
    /** Which problems the route may answer, besides those that its guard and its input lead to. */
    refuses?: readonly ProblemCode[];
  }
}

/** DocumentedRoute is a route as it was added; `problem` is what a body is refused as that does not fit. */
export interface DocumentedRoute {
  readonly method: string;
  readonly url: string;
  readonly schema: FastifySchema;
  readonly problem: ProblemCode | undefined;
}

/** SecurityScheme is how a route is opened: by a bearer token, or by a key in a header or cookie of its own. */
type SecurityScheme = { readonly description: string } & (
  | { readonly type: "http"; readonly scheme: "bearer" }
  | { readonly type: "apiKey"; readonly in: "header" | "cookie"; readonly name: string }
);

export interface DocumentOptions {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** In the order in which they are shown, and their paths with them. */
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  /** The schema of a refusal. */
  readonly problem: z.ZodType;
  /** By security scheme: what stands in front of its routes refuses. */
  readonly guards: Readonly<Record<string, readonly ProblemCode[]>>;
  /** What it refuses besides, where a route changes something. */
  readonly writeGuards?: Readonly<Record<string, readonly ProblemCode[]>>;
}

/** LICENSE as every package names it. */
const LICENSE = { name: "Apache License 2.0", identifier: "Apache-2.0" };

const HEADERS = {
  "X-Request-Id": responseHeader(
    "XRequestId",
    "The request's id, as it came or as it was made: the log's, and the end of a problem's `instance`.",
    z.string(),
  ),
  "Retry-After": responseHeader(
    "RetryAfter",
    "Whole seconds to wait before the request is sent again.",
    z.int().min(0),
  ),
  "WWW-Authenticate": responseHeader("WWWAuthenticate", "`Bearer`: how to authenticate.", z.string()),
} as const;

/** describeOpenApiResponseWithHeaders is an answer that has headers of its own, besides those of every answer. */
export function describeOpenApiResponseWithHeaders<S extends z.ZodType, H extends z.ZodObject>(
  schema: S,
  headers: H,
  description = schema.description ?? "",
) {
  return { description, headers, content: { "application/json": { schema } } };
}

/**
 * createOpenApiDocument gives an OpenAPI 3.1 document. Schemas with an `id` in zod's global registry become components.
 */
export function createOpenApiDocument(routes: readonly DocumentedRoute[], options: DocumentOptions): object {
  const { title, version, description, tags, securitySchemes } = options;
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of sortByTag(tags, routes)) {
    const path = route.url.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, options) };
  }
  const document: ZodOpenApiObject = {
    openapi: "3.1.0",
    info: { title, version, description, license: LICENSE },
    servers: [{ url: "/", description: "Where this document came from." }],
    tags: [...tags],
    paths: paths as ZodOpenApiPathsObject,
    components: { securitySchemes: { ...securitySchemes } },
  };
  return createDocument(document, { override: adaptForReaders });
}

function sortByTag(tags: DocumentOptions["tags"], routes: readonly DocumentedRoute[]): readonly DocumentedRoute[] {
  const placeOf = ({ schema }: DocumentedRoute) => tags.findIndex(({ name }) => schema.tags?.includes(name));
  return routes.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function operationOf(route: DocumentedRoute, options: DocumentOptions): ZodOpenApiOperationObject {
  const { operationId, summary, description, tags, security = [], params, querystring, headers } = route.schema;
  const given = { path: params, query: querystring, header: capitalizeHeaderNames(headers) };
  const requestParams = Object.fromEntries(Object.entries(given).filter(([, schema]) => schema !== undefined));
  return {
    ...withoutUndefined({ operationId, summary, description, tags: tags && [...tags] }),
    security: security.map((scheme) =>
      Object.fromEntries(Object.entries(scheme).map(([name, scopes]) => [name, [...scopes]])),
    ),
    requestParams: requestParams as NonNullable<ZodOpenApiOperationObject["requestParams"]>,
    ...withoutUndefined({ requestBody: bodyOf(route.schema) }),
    // What a route answers in words of its own comes first.
    responses: { ...refusalsOf(route, options), ...answersOf(route.schema) },
  };
}

/**
 * capitalizeHeaderNames writes the names of headers as they are usually written; Node gives them in
 * lower case.
 */
function capitalizeHeaderNames(headers: unknown): z.ZodObject | undefined {
  if (!(headers instanceof z.ZodObject)) return undefined;
  const members = Object.entries(headers.shape).map(([name, schema]) => [
    name.replaceAll(/\b[a-z]/g, (initial) => initial.toUpperCase()),
    schema,
  ]);
  return z.object(Object.fromEntries(members));
}

function bodyOf({ body, documentedBody }: FastifySchema): ZodOpenApiOperationObject["requestBody"] {
  const schema = documentedBody ?? body;
  if (!(schema instanceof z.ZodType)) return undefined;
  return {
    ...withoutUndefined({ description: schema.description }),
    required: !mayBodyBeAbsent(body),
    content: { "application/json": { schema } },
  };
}

/**
 * answersOf: what a route answers is a schema, or a response object with one. `z.undefined()` is an answer without a
 * body.
 */
function answersOf({ response }: FastifySchema): Record<string, ZodOpenApiResponseObject> {
  const answers = Object.entries((response ?? {}) as Record<string, z.ZodType | ZodOpenApiResponseObject>);
  return Object.fromEntries(answers.map(([status, answer]) => [status, withRequestId(answerOf(status, answer))]));
}

function answerOf(status: string, answer: z.ZodType | ZodOpenApiResponseObject): ZodOpenApiResponseObject {
  if (!(answer instanceof z.ZodType)) return answer;
  const description = answer.description ?? STATUS_CODES[Number(status)] ?? status;
  if (answer instanceof z.ZodUndefined) return { description };
  return { description, content: { "application/json": { schema: answer } } };
}

function withRequestId(answer: ZodOpenApiResponseObject): ZodOpenApiResponseObject {
  const own = answer.headers instanceof z.ZodObject ? answer.headers.shape : {};
  return { ...answer, headers: z.object({ ...own, "X-Request-Id": HEADERS["X-Request-Id"] }) };
}

/** refusalsOf groups all problems that a route may answer by their status. */
function refusalsOf(
  route: DocumentedRoute,
  { problem, guards, writeGuards = {} }: DocumentOptions,
): Record<string, ZodOpenApiResponseObject> {
  const { schema, method } = route;
  const guarding = [guards, ...(method === "GET" ? [] : [writeGuards])];
  const codes = new Set([
    ...guarding.flatMap((each) => guardOf(schema, each)),
    ...inputRefusals(route),
    ...(schema.refuses ?? []),
  ]);
  const byStatus = Object.groupBy(codes, (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, those = []]) => {
      const description = those.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join("\n\n");
      const examples = Object.fromEntries(those.map((code) => [code, { value: exampleOf(code) }]));
      const content = { "application/problem+json": { schema: problem, examples } };
      return [status, { description, headers: z.object(refusalHeadersOf(Number(status))), content }];
    }),
  );
}

function exampleOf(code: ProblemCode) {
  const { status, title } = PROBLEMS[code];
  return { type: `urn:baton:problem:${code}`, title, status, detail: PROBLEM_GUIDE[code].meaning };
}

function guardOf({ security = [] }: FastifySchema, guards: DocumentOptions["guards"]): readonly ProblemCode[] {
  return security.flatMap((scheme) => Object.keys(scheme)).flatMap((name) => guards[name] ?? []);
}

/** inputRefusals is what everyone who takes such an input may answer; a body is read also where none is asked for. */
function inputRefusals({ method, schema, problem }: DocumentedRoute): readonly ProblemCode[] {
  const { body, querystring, params } = schema;
  const codes: ProblemCode[] = [];
  if (method !== "GET") codes.push("malformed-json", "too-large", "unsupported-media-type");
  if (body !== undefined) codes.push(problem ?? "invalid-request");
  // Of a path: what is no percent-encoding.
  if (querystring !== undefined || params !== undefined) codes.push("invalid-request");
  return codes;
}

function refusalHeadersOf(status: number) {
  return {
    "X-Request-Id": HEADERS["X-Request-Id"],
    ...(status === 401 ? { "WWW-Authenticate": HEADERS["WWW-Authenticate"] } : {}),
    ...(status === 429 || status === 503 ? { "Retry-After": HEADERS["Retry-After"] } : {}),
  };
}

/** responseHeader is a header that every answer of its kind has; it becomes a component. */
function responseHeader<S extends z.ZodType>(id: string, description: string, schema: S): S {
  return schema.meta({ description, header: { id } });
}

/**
 * adaptForReaders writes schemas as those who read them need them: an answer may get new members, JSON's integers have
 * no bounds of JavaScript's, an object's names are strings anyway, `date-time` says more than the pattern that checks
 * it, and generators of clients stumble over a default that is an object.
 */
const adaptForReaders: NonNullable<CreateDocumentOptions["override"]> = ({ jsonSchema, io }) => {
  if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
  if (jsonSchema.type === "object") delete jsonSchema.propertyNames;
  // What is made of an empty object is said member by member.
  if (typeof jsonSchema.default === "object" && !Array.isArray(jsonSchema.default)) delete jsonSchema.default;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
};

type WithoutUndefined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(members: T): Partial<WithoutUndefined<T>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<
    WithoutUndefined<T>
  >;
}
