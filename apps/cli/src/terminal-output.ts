/** What a command writes: a table for people or JSON for programs on stdout, hints and progress on stderr. */

/** PrintOptions is what every command that shows something takes. */
export interface PrintOptions {
  readonly json?: true | undefined;
}

/** printJsonOrText writes `value` as JSON where `--json` asks for it, else what `words` makes of it. */
export function printJsonOrText<T>(value: T, { json }: PrintOptions, words: (value: T) => string): void {
  process.stdout.write(`${json === true ? JSON.stringify(value, null, 2) : words(value)}\n`);
}

/** printHint writes what is not data to stderr, for a person; programs read stdout only. */
export function printHint(words: string): void {
  process.stderr.write(`${words}\n`);
}

/** terminalWidthIfAny is undefined where stdout is no terminal: a table in a file is never clipped. */
export function terminalWidthIfAny(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** Text of one or more sentences is not read easily in longer lines. */
const MAX_READABLE_WIDTH = 100;

/** readableTextWidth is the width for sentences: the terminal's, and MAX_READABLE_WIDTH at most. */
export function readableTextWidth(): number {
  return Math.min(terminalWidthIfAny() ?? MAX_READABLE_WIDTH, MAX_READABLE_WIDTH);
}

/** Progress says what is being done; `clear` takes the line away again. */
export interface Progress {
  say(words: string): void;
  clear(): void;
}

/** canRedraw says whether `stream` is a terminal that can write over what it has written. */
export function canRedraw(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && process.env.TERM !== "dumb";
}

/** openProgressLine writes over one line of a terminal, and nothing to a file or a pipe. */
export function openProgressLine(stream: NodeJS.WriteStream = process.stderr): Progress {
  const write = (text: string) => (canRedraw(stream) ? void stream.write(`\r\x1b[2K${text}`) : undefined);
  return { say: (words) => write(words), clear: () => write("") };
}
