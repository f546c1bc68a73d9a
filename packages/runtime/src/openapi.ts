/** OpenAPI: the document made from the routes' own schemas, and a page to read it on. */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { HttpServer } from "./http-server.ts";

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
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}
