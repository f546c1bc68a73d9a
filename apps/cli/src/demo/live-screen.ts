/** The demo's screen: lines that stay, and below them lines that change in place while handoffs move. */
import { styleText } from "node:util";
import { clip } from "../text-table.ts";

/** ScreenLine is one handoff on the screen. */
export interface ScreenLine {
  readonly key: string;
  readonly text: string;
  /**
   * Where nothing can change in place, the line is written anew whenever this changes; not at all where it is
   * undefined.
   */
  readonly mark: string | undefined;
  readonly ended: boolean;
}

/** LiveScreen is what the demo writes to. */
export interface LiveScreen {
  /** Writes lines that stay. */
  say(text?: string): void;
  /** Shows lines in place of those that the last call showed; `summary` stands below them. */
  show(lines: readonly ScreenLine[], summary: string): void;
  /** Leaves what is shown where it is; the next `show` begins anew. */
  settle(): void;
  /** Gives the cursor back. */
  close(): void;
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";
/** Below the lines: an empty one, the summary, and the cursor's. */
const FOOTER_LINES = 3;
const DEFAULT_ROWS = 24;
const DEFAULT_COLUMNS = 100;

/** createLiveScreen changes lines in place on a terminal, and appends them anywhere else. */
export function createLiveScreen(stream: NodeJS.WriteStream): LiveScreen {
  return stream.isTTY ? createTerminalScreen(stream) : createPlainScreen(stream);
}

function createPlainScreen(stream: NodeJS.WriteStream): LiveScreen {
  const marks = new Map<string, string>();
  return {
    say: (text = "") => void stream.write(`${text}\n`),
    show(lines) {
      for (const { key, text, mark } of lines) {
        if (mark === undefined || marks.get(key) === mark) continue;
        marks.set(key, mark);
        stream.write(`${text.trimEnd()}\n`);
      }
    },
    settle: () => marks.clear(),
    close: () => undefined,
  };
}

function createTerminalScreen(stream: NodeJS.WriteStream): LiveScreen {
  /** How many lines the cursor is below the first that may change. */
  let height = 0;
  let drawn = "";
  const settled = new Set<string>();

  function draw(kept: readonly string[], live: readonly string[]): void {
    const columns = stream.columns ?? DEFAULT_COLUMNS;
    const text = [...kept, ...live].map((line) => `${clip(line, columns - 1)}${CLEAR_LINE}\n`).join("");
    if (kept.length === 0 && text === drawn) return;
    stream.write(`${HIDE_CURSOR}${height > 0 ? `\u001b[${height}A` : ""}${text}${CLEAR_BELOW}`);
    height = live.length;
    drawn = text;
  }

  function settle(): void {
    height = 0;
    drawn = "";
    settled.clear();
  }

  return {
    say(text = "") {
      settle();
      stream.write(`${text}\n`);
    },
    show(lines, summary) {
      const room = (stream.rows ?? DEFAULT_ROWS) - FOOTER_LINES;
      // A terminal too low for all: what has ended scrolls away upwards, what still moves stays in sight.
      const scrolls = lines.length > room || settled.size > 0;
      const leaving = scrolls ? lines.filter(({ key, ended }) => ended && !settled.has(key)) : [];
      for (const { key } of leaving) settled.add(key);
      const moving = lines.filter(({ key }) => !settled.has(key));
      const hidden = Math.max(0, moving.length - room + 1);
      const shown = moving.slice(0, moving.length - hidden).map(({ text }) => text);
      const more = hidden > 0 ? [styleText("dim", `  … and ${hidden} more`)] : [];
      draw(
        leaving.map(({ text }) => text),
        [...shown, ...more, "", summary],
      );
    },
    settle,
    close: () => void stream.write(SHOW_CURSOR),
  };
}
