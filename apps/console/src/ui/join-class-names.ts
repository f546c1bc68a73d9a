/** joinClassNames joins those class names that are given. */
export function joinClassNames(...names: readonly (string | false | undefined)[]): string {
  return names.filter((name) => typeof name === "string" && name !== "").join(" ");
}
