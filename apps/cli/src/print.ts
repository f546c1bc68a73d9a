/** What a command says on stdout: a table for people, JSON for programs. */

/** Printing is what every command that shows something takes. */
export interface Printing {
  readonly json?: true | undefined;
}

/** print writes `value` as JSON where `--json` asks for it, else what `words` makes of it. */
export function print<T>(value: T, { json }: Printing, words: (value: T) => string): void {
  process.stdout.write(`${json === true ? JSON.stringify(value, null, 2) : words(value)}\n`);
}

/** hint tells a person at the terminal what is not data; programs read stdout only. */
export function hint(words: string): void {
  process.stderr.write(`${words}\n`);
}

/** terminalWidth is undefined where nobody looks: a table in a file is never clipped. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** count writes `1 handoff`, `2 handoffs`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
