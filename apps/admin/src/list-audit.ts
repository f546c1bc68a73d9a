/** The audit, page by page. */
import type { AuditFilter, AuditPage, AuditPosition } from "@baton/store";
import { readPosition } from "./position.ts";

interface Deps {
  readonly audit: {
    page(filter: AuditFilter, options: { readonly before?: AuditPosition; readonly limit: number }): Promise<AuditPage>;
  };
}

interface AuditQuery extends AuditFilter {
  readonly cursor?: string;
  readonly limit: number;
}

/** ListAudit gives a page, the newest first. */
export type ListAudit = (query: AuditQuery) => Promise<AuditPage>;

/** createListAudit turns a cursor into the position that the store reads on from. */
export function createListAudit({ audit }: Deps): ListAudit {
  return ({ cursor, limit, ...filter }) =>
    audit.page(filter, { limit, ...(cursor === undefined ? {} : { before: readPosition(cursor) }) });
}
