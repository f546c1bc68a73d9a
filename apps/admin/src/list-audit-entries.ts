/** Reading the audit, the newest entry first. */
import type { Page } from "@baton/api";
import type { AuditEntry } from "@baton/domain";
import type { AuditCursor, AuditFilter, AuditPage } from "@baton/registry/audit-store";
import { buildPageWithNextCursor, readListCursor } from "./cursor-pagination.ts";

/** LIST names the list in its cursors. */
const LIST = "audit";

interface ListDeps {
  readonly audit: {
    page(filter: AuditFilter, options: { readonly before?: AuditCursor; readonly limit: number }): Promise<AuditPage>;
  };
}

interface AuditQuery extends AuditFilter {
  readonly cursor?: string;
  readonly limit: number;
}

/** ListAuditEntries gives a page, the newest first. */
export type ListAuditEntries = (query: AuditQuery) => Promise<Page<AuditEntry>>;

/** createListAuditEntries turns a cursor into the position that the store reads on from. */
export function createListAuditEntries({ audit }: ListDeps): ListAuditEntries {
  return async ({ cursor, limit, ...filter }) => {
    const before = cursor === undefined ? {} : { before: readListCursor(LIST, cursor) };
    const { items, next } = await audit.page(filter, { limit, ...before });
    return buildPageWithNextCursor(LIST, items, next);
  };
}
