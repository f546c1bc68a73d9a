/** What is asked before something that cannot be undone: on a terminal only, and never where a flag answers it. */
import { createInterface } from "node:readline/promises";
import { Misuse } from "./command-errors.ts";

/** isAtTerminal says whether there is a terminal to ask on. */
export function isAtTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** requireTerminal fails at once where there is no terminal to ask on; `instead` names the flags that answer. */
export function requireTerminal(instead: string): void {
  if (!isAtTerminal()) throw new Misuse(`there is no terminal to ask at: ${instead}`);
}

/** askForText asks until something is said. */
export async function askForText(question: string): Promise<string> {
  for (;;) {
    const text = (await ask(question)).trim();
    if (text !== "") return text;
  }
}

/** askForYes asks for yes; throws an Error where it is anything else. */
export async function askForYes(question: string): Promise<void> {
  if (!/^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim()))
    throw new Error("nothing was done: the answer was not yes");
}

/** YES_OPTION is on every command that asks. */
export const YES_OPTION = ["--yes", "ask nothing"] as const;

/** ConfirmOptions is what YES_OPTION gives. */
export interface ConfirmOptions {
  readonly yes?: true;
}

/** askForYesAtTerminal asks for yes on a terminal, unless `--yes` is given; a script is not asked. */
export async function askForYesAtTerminal(question: string, yes: true | undefined): Promise<void> {
  if (yes !== true && isAtTerminal()) await askForYes(question);
}

/** askForTypedNumber asks to type a number: `y` is typed from habit, 1204 only after reading it. */
export async function askForTypedNumber(question: string, number: number): Promise<void> {
  const typed = (await ask(`${question} Type ${number} to go on: `)).trim().replaceAll(/[,._ ]/g, "");
  if (typed !== String(number)) throw new Error(`nothing was done: ${number} was not typed`);
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Readline keeps Ctrl-C to itself; it means here what it means everywhere.
  terminal.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const closed = new Promise<never>((_, reject) => {
    terminal.once("close", () => reject(new Error("nothing was done: there was no answer")));
  });
  try {
    return await Promise.race([terminal.question(question), closed]);
  } finally {
    closed.catch(() => undefined);
    terminal.close();
  }
}
