/** Progress of what takes long: on stderr, and only where somebody watches. */

/** Progress says what is being done; `clear` takes the line away again. */
export interface Progress {
  say(words: string): void;
  clear(): void;
}

/** openProgress writes over one line of a terminal, and nothing to a file or a pipe. */
export function openProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const write = (text: string) => (stream.isTTY ? void stream.write(`\r\x1b[2K${text}`) : undefined);
  return { say: (words) => write(words), clear: () => write("") };
}
