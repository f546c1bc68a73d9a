/** OpenAPI: the document made from the routes' own schemas, and a page to read it on. */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { HttpServer } from "./http-server.ts";
import { mayBeAbsent } from "./input.ts";

export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Besides `bearer`: how routes that take no bearer token are opened. */
  readonly securitySchemes?: Readonly<Record<string, ApiKeyScheme>>;
}

/** ApiKeyScheme is a key in a header of its own. */
export interface ApiKeyScheme {
  readonly type: "apiKey";
  readonly in: "header";
  readonly name: string;
}

/**
 * registerOpenApi adds `GET /openapi.json` and a page at `/docs`, with all it needs served from here.
 *
 * Await it before adding routes: only later ones are described. A schema with an `id` in zod's global registry becomes a component.
 * Routes name their security scheme themselves: `security: [{ bearer: [] }]`.
 */
export async function registerOpenApi(app: HttpServer, { securitySchemes = {}, ...info }: OpenApiOptions): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info,
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" }, ...securitySchemes } },
    },
    ...transforms(),
  });
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}

/** transforms writes zod's schemas as JSON's, and bodies that may be absent as not required: swagger requires whatever has a schema. */
function transforms() {
  const optional = new Set<string>();
  const transform: typeof jsonSchemaTransform = (described) => {
    const { schema, url, route } = described;
    const path = url.replaceAll(/:(\w+)/g, "{$1}");
    const methods = mayBeAbsent(schema?.body) ? [route.method].flat() : [];
    for (const method of methods) optional.add(nameOf(method, path));
    return jsonSchemaTransform(described);
  };
  const transformObject: typeof jsonSchemaTransformObject = (described) => {
    const document = jsonSchemaTransformObject(described);
    for (const [path, operations] of Object.entries(document.paths ?? {})) {
      for (const [method, operation] of Object.entries(operations ?? {})) {
        if (optional.has(nameOf(method, path)) && takesBody(operation)) operation.requestBody.required = false;
      }
    }
    return document;
  };
  return { transform, transformObject };
}

function takesBody(operation: unknown): operation is { requestBody: { required?: boolean } } {
  return typeof operation === "object" && operation !== null && "requestBody" in operation;
}

function nameOf(method: string, path: string): string {
  return `${method.toUpperCase()} ${path}`;
}
