/** Reading the audit, the newest entry first. */
import type { Page } from "@baton/api";
import type { AuditEntry } from "@baton/domain";
import type { AuditFilter, AuditStore } from "@baton/registry/audit-store";
import { buildPageWithNextCursor, type PageRequest, readPageRequest } from "./cursor-pagination.ts";

/** LIST names the list in its cursors. */
const LIST = "audit";

/** ListAuditEntries gives a page, the newest first. */
export type ListAuditEntries = (query: AuditFilter & PageRequest) => Promise<Page<AuditEntry>>;

/** createListAuditEntries turns a cursor into the position that the store reads on from. */
export function createListAuditEntries({ audit }: { readonly audit: Pick<AuditStore, "page"> }): ListAuditEntries {
  return async ({ cursor, limit, ...filter }) => {
    const { items, next } = await audit.page(filter, readPageRequest(LIST, { cursor, limit }));
    return buildPageWithNextCursor(LIST, items, next);
  };
}
