import { PROBLEM_GUIDE, PROBLEMS } from "@baton/domain";
import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { addHealthRoutes, HEALTH_TAG } from "./health-routes.ts";
import { createHttpServer, type HttpServer } from "./http-server.ts";
import { createMemoryLog } from "./memory-log.ts";
import { describeOpenApiResponseWithHeaders } from "./openapi-document.ts";
import { addOpenApiRoutes } from "./openapi-routes.ts";
import { createProcessLifecycle } from "./process-lifecycle.ts";

const open: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

async function setup(addRoutes: (app: HttpServer) => void = () => {}) {
  const log = createMemoryLog();
  const app = createHttpServer({ log });
  open.push(app);
  await addOpenApiRoutes(app, {
    title: "Baton",
    version: "1.2.3",
    description: "Takes handoffs",
    tags: [{ name: "things", description: "Things." }, HEALTH_TAG],
    securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "A token." } },
    problem: z.object({ type: z.string() }).meta({ id: "TestProblem" }),
    guards: { bearer: ["unauthenticated", "queue-unavailable"] },
  });
  addHealthRoutes(app, {
    life: createProcessLifecycle({ log }),
    ready: async () => ({ ok: true, detail: "" }),
    metrics: async () => ({ type: "text/plain", text: "" }),
  });
  addRoutes(app);
  const document = async () => (await app.inject({ url: "/openapi.json" })).json();
  return { app, log, document };
}

const thingSchema = z.object({ id: z.string(), size: z.int() }).meta({ id: "TestThing", description: "A thing." });
const params = z.object({ id: z.string() });
const TAGS = { tags: ["things"], security: [{ bearer: [] }] };

function addThings(app: HttpServer): void {
  const body = z.strictObject({ contactId: z.string().regex(/^[0-9]+$/) }).meta({ id: "TestBody" });
  const add = {
    ...TAGS,
    operationId: "addThing",
    summary: "Adds",
    params,
    body,
    response: { 201: describeOpenApiResponseWithHeaders(thingSchema, z.object({ Location: z.string() })) },
    refuses: ["backlog-full"] as const,
  };
  app.post("/things/:id", { config: { problem: "invalid-handoff" }, schema: add }, async (_request, reply) => {
    reply.code(201);
    return { id: "1", size: 1 };
  });
  const stopBody = z.strictObject({ note: z.string().optional() }).prefault({});
  const stop = {
    ...TAGS,
    operationId: "stopThing",
    params,
    body: stopBody,
    response: { 204: z.undefined(), 200: thingSchema },
  };
  app.post("/things/:id/stop", { schema: stop }, async () => ({ id: "1", size: 1 }));
}

it("describes the routes by their own schemas, in the order of their tags", async () => {
  const { document } = await setup(addThings);
  const { paths, info, servers, components, tags } = await document();
  expect(info).toMatchObject({ title: "Baton", version: "1.2.3", license: { identifier: "Apache-2.0" } });
  expect(servers).toEqual([{ url: "/", description: expect.any(String) }]);
  expect(components.securitySchemes.bearer).toMatchObject({ type: "http", scheme: "bearer" });
  expect(tags[0].name).toBe("things");
  expect(Object.keys(paths)).toEqual(["/things/{id}", "/things/{id}/stop", "/livez", "/readyz", "/metrics"]);
  const { post } = paths["/things/{id}"];
  expect(post).toMatchObject({
    operationId: "addThing",
    security: [{ bearer: [] }],
    parameters: [{ in: "path", name: "id", required: true }],
  });
  expect(paths["/livez"].get.security).toEqual([]);
  expect(post.requestBody).toEqual({
    required: true,
    content: { "application/json": { schema: { $ref: "#/components/schemas/TestBody" } } },
  });
  expect(paths["/things/{id}/stop"].post.requestBody.required).toBe(false);
  expect(components.schemas.TestBody).toMatchObject({
    properties: { contactId: { pattern: "^[0-9]+$" } },
    additionalProperties: false,
  });
});

it("shows answers that may grow, with the headers they have", async () => {
  const { document } = await setup(addThings);
  const { paths, components } = await document();
  const thing = { "application/json": { schema: { $ref: "#/components/schemas/TestThing" } } };
  const id = { "X-Request-Id": { $ref: "#/components/headers/XRequestId" } };
  const { responses } = paths["/things/{id}"].post;
  expect(responses[201]).toMatchObject({
    description: "A thing.",
    content: thing,
    headers: { ...id, Location: { required: true } },
  });
  expect(components.schemas.TestThing).not.toHaveProperty("additionalProperties");
  expect(components.schemas.TestThing.properties.size).toEqual({ type: "integer" });
  const stopped = paths["/things/{id}/stop"].post.responses;
  expect(stopped[204]).toEqual({ description: "No Content", headers: id });
  expect(stopped[200].content).toEqual(thing);
});

it("shows every problem that a route may answer, by its status and with its headers", async () => {
  const { document } = await setup(addThings);
  const { responses } = (await document()).paths["/things/{id}"].post;
  const schema = { $ref: "#/components/schemas/TestProblem" };
  expect(Object.keys(responses)).toEqual(["201", "400", "401", "413", "415", "422", "429", "503"]);
  for (const status of ["400", "401", "413", "415", "422", "429", "503"])
    expect(responses[status].content["application/problem+json"].schema).toEqual(schema);
  expect(responses[400].description).toBe(
    "`malformed-json`: The body is not JSON.\n\n`invalid-request`: The request is not understood.",
  );
  expect(responses[429].content["application/problem+json"].examples["backlog-full"].value).toMatchObject({
    status: 429,
  });
  expect(responses[401].headers).toHaveProperty("WWW-Authenticate");
  expect(responses[429].headers).toHaveProperty("Retry-After");
  expect(responses[503].headers).toHaveProperty("Retry-After");
  expect(responses[422].headers).not.toHaveProperty("Retry-After");
});

it("takes no route without a name for generated clients", async () => {
  const { app } = await setup();
  expect(() => app.get("/nameless", async () => "")).toThrow("GET /nameless has no operationId");
});

it("shows the document on a page of its own name, without help from elsewhere, and under a policy that any address bears", async () => {
  const { app, log } = await setup(addThings);
  const page = await app.inject({ url: "/docs/" });
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain("<title>Baton</title>");
  expect(page.body).not.toMatch(/(src|href)="https?:|favicon-\d/);
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toMatch(/^default-src 'none';/);
  expect(policy).not.toContain("upgrade-insecure-requests");
  expect(log.lines.filter((line) => line.status !== 200)).toEqual([]);
});

it("says of every problem what it means and what to do, on a page that the document links to", async () => {
  const { app, document } = await setup();
  expect((await document()).info.description).toContain("](/docs/problems)");
  const page = await app.inject({ url: "/docs/problems" });
  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
  for (const code of Object.keys(PROBLEMS)) expect(page.body).toContain(`<h2 id="${code}">`);
});

it("docs/problems.md says the same", async () => {
  const rows = Object.entries(PROBLEMS).map(([code, { status }]) => {
    const { meaning, remedy } = PROBLEM_GUIDE[code as keyof typeof PROBLEMS];
    return `| ${status} | <a id="${code}"></a>\`${code}\` | ${meaning} | ${remedy} |`;
  });
  const text = `# Problems

Baton refuses with a problem document (RFC 9457), \`application/problem+json\`: \`{type, title, status, detail, instance?,
errors?: [{pointer, message}], handoffStatus?}\`. \`type\` is \`urn:baton:problem:\` and one of these words; it is a name,
not an address. \`errors\` points at everything that is wrong with what was sent. Both APIs show this list at
\`/docs/problems\`. Written by \`npm test -- packages/runtime/src/openapi-routes.test.ts -u\` from
\`packages/domain/src/problem-remedies.ts\`.

| status | problem | what it means | what to do |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
  await expect(text).toMatchFileSnapshot("../../../docs/problems.md");
});
