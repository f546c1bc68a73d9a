/** The route of the audit. There is none that changes or deletes an entry. */
import { auditEntryToJson, auditListSchema, auditSearchSchema } from "@baton/api";
import type { HttpServer } from "@baton/runtime";
import type { ListAuditEntries } from "../list-audit-entries.ts";
import { describeRoute } from "./route-openapi.ts";

export interface AuditRoutes {
  readonly listAudit: ListAuditEntries;
}

export function addAuditRoutes(app: HttpServer, { listAudit }: AuditRoutes): void {
  const list = describeRoute({
    tag: "audit",
    operationId: "listAudit",
    summary: "Read who did what, when, to which id, the newest first",
    querystring: auditSearchSchema,
    response: { 200: auditListSchema },
  });
  app.get("/admin/v1/audit", { schema: list }, async (request) => {
    const { items, ...page } = await listAudit(request.query);
    return { items: items.map(auditEntryToJson), ...page };
  });
}
