/**
 * pick copies the named members, leaving out those that are absent. Answers are built from names, never
 * from a spread: what a record holds besides (parameters, context, credentials) cannot slip out.
 */
export function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]])) as Pick<
    T,
    K
  >;
}
