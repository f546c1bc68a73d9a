/** Canonical JSON: one text for one value, however its members were ordered. */

/** DEEPEST: levels of objects and arrays beyond what any handoff takes (its context may have 64), and below what recursion bears. */
const DEEPEST = 100;

/**
 * canonicalJson writes parsed JSON with the members of every object sorted by name. Below DEEPEST, and where nothing was sent, it
 * writes `null`: nobody accepts such a body, so its text is that of none that was accepted.
 */
export function canonicalJson(value: unknown): string {
  return write(value, DEEPEST);
}

function write(value: unknown, levels: number): string {
  if (value === undefined || levels === 0) return "null";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((member) => write(member, levels - 1)).join()}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${write(member, levels - 1)}`).join()}}`;
}
