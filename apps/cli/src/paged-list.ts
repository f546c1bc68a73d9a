/** Lists: read page by page, shown as a table, as JSON, or as one JSON text a line. */
import type { Page } from "@baton/api";
import { type Command, Option } from "commander";
import { awaitWithFlagsInRefusal, type FlagsByMember } from "./flag-names-in-refusals.ts";
import { pluralize } from "./number-format.ts";
import { createWholeNumberReader, givenOptions, JSON_OPTION } from "./option-parsers.ts";
import { type PrintOptions, printHint, terminalWidthIfAny } from "./terminal-output.ts";
import { type Column, formatTable } from "./text-table.ts";

/** ListOptions is what every command that lists something takes. */
export interface ListOptions extends PrintOptions {
  readonly jsonl?: true;
  readonly limit?: number;
  readonly cursor?: string;
}

/** Unless said, items; and the most that the API gives at once. */
const DEFAULT_LIMIT = 50;
const PAGE_LIMIT = 500;

/** addListOptions adds what a list takes. */
export function addListOptions(command: Command): Command {
  return addJsonAndJsonlOptions(command)
    .option("--limit <number>", `at most so many; ${DEFAULT_LIMIT} unless said`, createWholeNumberReader(1))
    .option("--cursor <cursor>", "what follows, as the list before says");
}

/** addJsonAndJsonlOptions adds the ways in which a list that is always whole is shown. */
export function addJsonAndJsonlOptions(command: Command): Command {
  return command
    .option(...JSON_OPTION)
    .addOption(new Option("--jsonl", "print JSON, one item a line").conflicts("json"));
}

/** PageRequest is one page's question. */
interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * readPagesUpToLimit asks for as many pages as it takes. `nextCursor` is there where something follows. A refusal names
 * `flags` in place of members.
 */
export async function readPagesUpToLimit<T, P extends Page<T>>(
  read: (asked: PageRequest) => Promise<P>,
  { limit = DEFAULT_LIMIT, cursor }: ListOptions,
  flags?: FlagsByMember,
) {
  const items: T[] = [];
  for (let next = cursor; ; ) {
    const asked = read({ limit: Math.min(PAGE_LIMIT, limit - items.length), ...givenOptions({ cursor: next }) });
    const page = await (flags === undefined ? asked : awaitWithFlagsInRefusal(flags, asked));
    items.push(...page.items);
    next = page.nextCursor;
    if (next === undefined || items.length >= limit) return { ...page, items, ...givenOptions({ nextCursor: next }) };
  }
}

/**
 * readMatchingUpToLimit reads a list of which the API cannot be asked for those that match. It asks for the largest
 * pages; where more of the last one match than are wanted, that one is asked for again up to the last that is: its
 * cursor goes on from there.
 */
export async function readMatchingUpToLimit<T>(
  read: (request: PageRequest) => Promise<Page<T>>,
  { limit = DEFAULT_LIMIT, cursor }: ListOptions,
  matches: (item: T) => boolean,
): Promise<Page<T>> {
  const items: T[] = [];
  for (let next = cursor; ; ) {
    const from = next === undefined ? {} : { cursor: next };
    const page = await read({ limit: PAGE_LIMIT, ...from });
    const positions = page.items.flatMap((item, index) => (matches(item) ? [index] : []));
    const last = positions[limit - items.length - 1];
    if (last !== undefined) {
      const upToLast = last < page.items.length - 1 ? await read({ limit: last + 1, ...from }) : page;
      return { ...upToLast, items: [...items, ...upToLast.items.filter(matches)] };
    }
    items.push(...page.items.filter(matches));
    next = page.nextCursor;
    if (next === undefined) return { items };
  }
}

/** ListView says how a list is shown to a person. */
export interface ListView<T> {
  /** One of them, such as `dead letter`. */
  readonly noun: string;
  readonly columns: readonly Column<T>[];
}

interface ListPage<T> extends Page<T> {
  readonly total?: number;
}

/**
 * printList writes the items to stdout, and to stderr what a person wants to know besides: how many, and how to go on.
 */
export function printList<T>(
  { items, total, nextCursor }: ListPage<T>,
  { json, jsonl }: ListOptions,
  { noun, columns }: ListView<T>,
): void {
  const isTable = json !== true && jsonl !== true;
  if (json === true) process.stdout.write(`${JSON.stringify(items, null, 2)}\n`);
  if (jsonl === true) for (const item of items) process.stdout.write(`${JSON.stringify(item)}\n`);
  if (isTable && items.length > 0) process.stdout.write(`${formatTable(items, columns, terminalWidthIfAny())}\n`);
  const isPart = total !== undefined && total !== items.length;
  if (isTable) printHint(isPart ? `${items.length} of ${pluralize(total, noun)}` : pluralize(items.length, noun));
  if (nextCursor !== undefined) printHint(`There are more: --cursor ${nextCursor}`);
}
