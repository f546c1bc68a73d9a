/** The demo as it stands in a terminal: its first act, in which handoffs meet every answer that CXone gives. */
import { writeFileSync } from "node:fs";
import { drawTerminal, readScreen, runOnTerminal, textOf } from "./terminal-picture.ts";

const SIZE = { columns: 100, rows: 60 } as const;

/** photographDemo runs the demo to its end, and draws what its first act has left on the screen. */
export async function photographDemo(baton: string, file: string): Promise<void> {
  const lines = await readScreen(await runOnTerminal(`${baton} demo --exit`, SIZE), SIZE);
  const texts = lines.map(textOf);
  const [first, second] = ["1 · ", "2 · "].map((act) => texts.findIndex((text) => text.trim().startsWith(act)));
  if (first === undefined || second === undefined || first < 0) throw new Error("the demo shows no first act");
  writeFileSync(file, drawTerminal(lines.slice(first, second - 1), SIZE.columns));
  process.stderr.write(`${file}\n`);
}
