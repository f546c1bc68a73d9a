/** OpenAPI: the document made from the routes' own schemas, and pages to read it and its problems on. */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { HttpServer } from "./http-server.ts";
import { createOpenApiDocument, type DocumentedRoute, type DocumentOptions } from "./openapi-document.ts";
import { PROBLEM_PAGE } from "./problem-response.ts";

/** Where the page is, and that of the problems. */
const PAGE = "/docs";
const PROBLEMS_PATH = `${PAGE}/problems`;

/**
 * CONTENT_SECURITY_POLICY of both pages: nothing from elsewhere, and no upgrade to https, since Baton speaks http on
 * any address. Swagger UI's stylesheet and its React components set styles of their own.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "connect-src 'self'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
].join("; ");

/** ICON shows a baton. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#12355b"/><rect x="4" y="13.5" width="24" height="5" rx="2.5" fill="#f5b841" transform="rotate(-35 16 16)"/></svg>';

/** STYLE hides the link to the document's file, and leaves room around the description. */
const STYLE = ".swagger-ui .info .main .link { display: none } .swagger-ui .info { margin: 30px 0 }";

/**
 * addOpenApiRoutes adds `GET /openapi.json`, a page at `/docs` and one of all problems, with all they need served from
 * here.
 *
 * Await it before adding routes: only later ones are described. A route without `operationId` throws, unless its schema
 * says `hide`. Routes name their security scheme themselves, as in `security: [{ bearer: [] }]`; those that name none
 * are open to everyone.
 */
export async function addOpenApiRoutes(app: HttpServer, options: DocumentOptions): Promise<void> {
  const routes = collectRoutes(app);
  await app.register(swagger, {
    // The plugin only keeps the document: what it would make of zod's schemas has neither headers nor components.
    openapi: {},
    transform: ({ url }) => ({ schema: { hide: true }, url }),
    transformObject: () =>
      createOpenApiDocument(routes, { ...options, description: `${options.description}\n\n${ABOUT_PROBLEMS}` }),
  });
  await app.register(swaggerUi, {
    routePrefix: PAGE,
    staticCSP: CONTENT_SECURITY_POLICY,
    uiConfig: { layout: "BaseLayout", docExpansion: "list", tryItOutEnabled: false },
    theme: {
      title: options.title,
      css: [{ filename: "baton.css", content: STYLE }],
      favicon: [{ filename: "baton.svg", rel: "icon", type: "image/svg+xml", sizes: "any", content: ICON }],
    },
  });
  app.get(PROBLEMS_PATH, { schema: { hide: true } }, async (_request, reply) => {
    reply.header("content-security-policy", CONTENT_SECURITY_POLICY).type("text/html; charset=utf-8");
    return PROBLEM_PAGE;
  });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}

const ABOUT_PROBLEMS = `Refusals are problem documents (RFC 9457), \`application/problem+json\`; [what each means and what to do](${PROBLEMS_PATH}). Any path may also answer 404 \`not-found\`, 405 \`method-not-allowed\` with \`Allow\`, 408 \`request-timeout\`, 417 \`expectation-failed\` and 431 \`headers-too-large\`.`;

function collectRoutes(app: HttpServer): readonly DocumentedRoute[] {
  const routes: DocumentedRoute[] = [];
  app.addHook("onRoute", ({ method, url, schema, config }) => {
    if (schema?.hide === true) return;
    if (schema?.operationId === undefined)
      throw new Error(`${method} ${url} has no operationId; give it one, or hide it`);
    for (const each of [method].flat()) {
      // Fastify adds it to every GET.
      if (each !== "HEAD") routes.push({ method: each, url, schema, problem: config?.problem });
    }
  });
  return routes;
}
