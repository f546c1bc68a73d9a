/** The command line that does the same as a button. */

/** OptionValue: true is a flag without a value; what is empty or undefined is left out. */
type OptionValue = string | number | boolean | undefined;

/** formatBatonCommand writes `baton` with its words and options, so that a shell takes each as one word. */
export function formatBatonCommand(
  words: readonly string[],
  options: Readonly<Record<string, OptionValue>> = {},
): string {
  const flags = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false || value === "") return [];
    return value === true ? [`--${name}`] : [`--${name}`, quoteForShell(String(value))];
  });
  return ["baton", ...words.map(quoteForShell), ...flags].join(" ");
}

/** Words of these characters mean themselves in bash, zsh and fish. */
const PLAIN = /^[\w.:/@-]+$/;

/** quoteForShell writes any text as one word of a shell. */
export function quoteForShell(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
