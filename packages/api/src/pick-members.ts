/** The members of a record that an answer shows. */

/**
 * pickMembers copies the named members, leaving out those that are absent. Answers are built from names, never
 * from a spread: what a record holds besides (parameters, context, credentials) cannot slip out.
 */
export function pickMembers<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  const picked: Partial<Pick<T, K>> = {};
  for (const name of names) if (from[name] !== undefined) picked[name] = from[name];
  return picked as Pick<T, K>;
}
