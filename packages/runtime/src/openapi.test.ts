import { expect, it } from "vitest";
import { z } from "zod";
import { registerHealth } from "./health.ts";
import { createHttpServer } from "./http-server.ts";
import { createLifecycle } from "./lifecycle.ts";
import { createMemoryLog } from "./memory-log.ts";
import { registerOpenApi } from "./openapi.ts";

it("describes the routes by their own schemas, and shows them on a page without help from elsewhere", async () => {
  const log = createMemoryLog();
  const app = createHttpServer({ log });
  await registerOpenApi(app, { title: "Baton", version: "1.2.3", description: "Takes handoffs" });
  registerHealth(app, { life: createLifecycle({ log }), ready: async () => ({ ok: true, detail: "" }), metrics: async () => "" });
  const body = z.strictObject({ contactId: z.string().regex(/^\d+$/) });
  app.post("/things/:id", { schema: { summary: "Adds", body, security: [{ bearer: [] }] } }, async () => ({}));
  app.post("/things/:id/stop", { schema: { body: z.strictObject({ note: z.string().optional() }).prefault({}) } }, async () => ({}));
  const { paths, info, components } = (await app.inject({ url: "/openapi.json" })).json();
  expect(info).toMatchObject({ title: "Baton", version: "1.2.3" });
  expect(components.securitySchemes).toHaveProperty("bearer");
  expect(Object.keys(paths)).toEqual(["/livez", "/readyz", "/metrics", "/things/{id}", "/things/{id}/stop"]);
  expect(paths["/things/{id}"].post.requestBody.required).toBe(true);
  expect(paths["/things/{id}/stop"].post.requestBody.required).toBe(false);
  expect(paths["/things/{id}"].post.requestBody.content["application/json"].schema).toMatchObject({
    properties: { contactId: { pattern: "^\\d+$" } },
    additionalProperties: false,
  });
  const page = await app.inject({ url: "/docs/" });
  expect(page.statusCode).toBe(200);
  expect(log.lines.filter((line) => line.status !== 200)).toEqual([]);
  expect(page.body).not.toMatch(/(src|href)="https?:/);
  await app.close();
});
