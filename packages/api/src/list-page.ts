/** Lists: every one answers `{items, nextCursor?}`. */
import { z } from "zod";
import { strictObject } from "./strict-object.ts";
import { wholeNumberInQuery } from "./whole-number-in-query.ts";

/** DEFAULT_LIMIT and MAX_LIMIT of a page, items. */
export const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** MAX_CURSOR_LENGTH in characters: ours take about 100; more is not ours. */
const MAX_CURSOR_LENGTH = 1_000;

/** pageFields are the query parameters that every list takes; spread them into its query schema. */
export const pageFields = {
  cursor: z
    .string()
    .max(MAX_CURSOR_LENGTH)
    .exactOptional()
    .meta({ description: "`nextCursor` of the page before, unchanged. Absent: the first page." }),
  limit: wholeNumberInQuery(MAX_LIMIT).default(DEFAULT_LIMIT).meta({ description: "Most items on one page." }),
} as const;

/** pageSearchSchema is the query of a list that has no filters. */
export const pageSearchSchema = strictObject(pageFields);
export type PageSearch = z.input<typeof pageSearchSchema>;

/** PAGE_DESCRIPTION says what every page is. */
export const PAGE_DESCRIPTION = "One page; it may be short and still have a next one.";

/** namedPageSchemaOf is a page of `item`, as the component `id`. */
export function namedPageSchemaOf<S extends z.ZodType>(item: S, id: string) {
  return pageSchemaOf(item).meta({ id, description: PAGE_DESCRIPTION });
}

/** pageSchemaOf is a page of `item` that will be more than that. */
export function pageSchemaOf<S extends z.ZodType>(item: S) {
  return z.object({
    items: z.array(item),
    nextCursor: z
      .string()
      .exactOptional()
      .meta({ description: "Send it as `cursor` for the next page. Absent: this is the last one." }),
  });
}

/** Page is one answer of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}
