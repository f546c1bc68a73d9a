import { describe, expect, it } from "vitest";
import { createWorld } from "./world/world.ts";

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly responses: Readonly<Record<string, { readonly content?: object; readonly headers?: object }>>;
}

interface Document {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

async function read(app: "ingress" | "admin") {
  const world = await createWorld();
  const { url } = await (app === "ingress" ? world.startIngress() : world.startAdmin());
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, ...operation })),
  );
  return { document, operations };
}

/** Every object and array in a document, with the JSON pointer to it. */
function* nodesOf(
  value: unknown,
  at = "",
): Generator<{ readonly at: string; readonly node: Readonly<Record<string, unknown>> }> {
  if (typeof value !== "object" || value === null) return;
  yield { at, node: value as Record<string, unknown> };
  for (const [name, member] of Object.entries(value)) yield* nodesOf(member, `${at}/${name}`);
}

describe.each(["ingress", "admin"] as const)("the OpenAPI document of %s", (app) => {
  it("begins with what one wants first, and ends with health", async () => {
    const { document, operations } = await read(app);
    expect(document).toMatchObject({ openapi: "3.1.0", servers: [{ url: "/" }] });
    expect([document.tags[0]?.name, document.tags.at(-1)?.name]).toEqual(["handoffs", "health"]);
    expect([operations[0]?.tags, operations.at(-1)?.path]).toEqual([["handoffs"], "/metrics"]);
  });

  it("names every operation, says how it is opened, and files it under a tag", async () => {
    const { document, operations } = await read(app);
    const tags = document.tags.map(({ name }) => name);
    for (const { name, operationId, summary, security, tags: own } of operations) {
      expect.soft([name, operationId]).toEqual([name, expect.stringMatching(/^[a-z][A-Za-z]+$/)]);
      expect
        .soft([name, summary, security, own])
        .toEqual([name, expect.any(String), expect.any(Array), [expect.toBeOneOf(tags)]]);
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it("shows each answer's headers, and each refusal as a problem", async () => {
    const { operations } = await read(app);
    for (const { name, operationId, responses } of operations) {
      for (const [status, { content, headers }] of Object.entries(responses)) {
        expect
          .soft([name, status, Object.keys(headers ?? {})])
          .toEqual([name, status, expect.arrayContaining(["X-Request-Id"])]);
        if (Number(status) < 400 || operationId === "getHandoffState") continue;
        expect
          .soft([name, status, content])
          .toMatchObject([
            name,
            status,
            { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
          ]);
        if (status === "429" || status === "503") expect.soft(headers).toHaveProperty("Retry-After");
        if (status === "401") expect.soft(headers).toHaveProperty("WWW-Authenticate");
      }
    }
  });

  it("says what a body gets that cannot be read, also where none is asked for", async () => {
    const { operations } = await read(app);
    for (const { name, responses } of operations.filter((operation) => !operation.name.startsWith("get ")))
      expect.soft([name, Object.keys(responses)]).toEqual([name, expect.arrayContaining(["400", "413", "415"])]);
  });

  it("names each kind of object once, and uses each that it names", async () => {
    const { document } = await read(app);
    const nodes = [...nodesOf(document)];
    const inlined = nodes.filter(
      ({ at, node }) => "properties" in node && !/^\/components\/schemas\/\w+$/.test(at) && !at.endsWith("/properties"),
    );
    expect(inlined.map(({ at }) => at)).toEqual([]);
    const refs = new Set(nodes.flatMap(({ node }) => (typeof node.$ref === "string" ? [node.$ref] : [])));
    expect([...refs].filter((ref) => ref.startsWith("#/components/schemas/")).sort()).toEqual(
      Object.keys(document.components.schemas)
        .map((name) => `#/components/schemas/${name}`)
        .sort(),
    );
    expect(
      Object.keys(document.components.schemas).filter((name) => name.startsWith("__") || name.endsWith("Output")),
    ).toEqual([]);
  });

  it("has regular expressions only that JSON Schema, Python, Go and Java read alike", async () => {
    const { document } = await read(app);
    const patterns = [...nodesOf(document)].flatMap(({ node }) =>
      typeof node.pattern === "string" ? [node.pattern] : [],
    );
    expect(patterns.length).toBeGreaterThan(0);
    for (const pattern of new Set(patterns)) {
      expect.soft(() => new RegExp(pattern, "u")).not.toThrow();
      // Classes that are Unicode's in one language and ASCII's in another, look-arounds, back references, named groups.
      expect.soft(pattern).not.toMatch(/\\[pPdDwWsSbBkuUQEzZA1-9]|\(\?/);
      for (const [, most = "0"] of pattern.matchAll(/\{\d+,?(\d*)\}/g))
        expect.soft(Number(most)).toBeLessThanOrEqual(1_000);
    }
  });
});

it("shows the headers that come and go with a handoff", async () => {
  const { document } = await read("ingress");
  const accept = document.paths["/v1/handoffs"]?.post;
  const list = document.paths["/v1/handoffs"]?.get;
  expect(accept?.parameters?.map(({ in: place, name }) => `${place} ${name}`)).toEqual([
    "header Idempotency-Key",
    "header Prefer",
    "header X-Request-Id",
    "header Traceparent",
  ]);
  for (const status of ["200", "202"]) {
    expect(Object.keys(accept?.responses[status]?.headers ?? {})).toEqual([
      "Location",
      "Idempotent-Replayed",
      "Preference-Applied",
      "X-Request-Id",
    ]);
  }
  expect(Object.keys(accept?.responses ?? {})).toEqual([
    "200",
    "202",
    "400",
    "401",
    "403",
    "413",
    "415",
    "422",
    "429",
    "503",
  ]);
  expect(list?.parameters?.map(({ name }) => name)).toEqual(["contactId", "sharedId", "status", "cursor", "limit"]);
  expect(JSON.stringify(document.components.schemas.Handoff)).toContain("must not be sent again");
});
