/** Instants in a browser's field for a day and a time, which knows no time zone: it is read as UTC. */

/**
 * formatUtcFieldValue gives an instant as the field takes it, in the browser's own shortest form; empty where there is
 * none, or what is given is no instant.
 */
export function formatUtcFieldValue(instant: string | undefined): string {
  const at = Date.parse(instant ?? "");
  return Number.isNaN(at) ? "" : new Date(at).toISOString().replace(/((:00)?\.000)?Z$/, "");
}

/** parseUtcFieldValue gives the instant that the field holds; undefined where it is empty. */
export function parseUtcFieldValue(field: string): string | undefined {
  const at = Date.parse(`${field}Z`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
