/** A terminal's screen as an SVG, with its colours: for what a command shows. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import xterm from "@xterm/headless";

/** The picture's measures, pixels: a character of a monospaced font of 14 is so wide, and a line so high. */
const [CHARACTER, LINE, SIZE, PADDING] = [8.43, 19, 14, 18] as const;
/** Several spaces are one in a picture, but for these. */
const NO_BREAK = "\u00a0";
const BACKGROUND = "#12181b";
const FOREGROUND = "#d5dcdd";
const DIM = "#849296";
/** The sixteen colours that commands name, quiet enough for a page of text. */
const PALETTE = [
  ...["#3b4549", "#f0857d", "#7fcf93", "#e5b567", "#7fb0f0", "#c79bea", "#6cc7cf", "#d5dcdd"],
  ...["#849296", "#f0857d", "#7fcf93", "#e5b567", "#7fb0f0", "#c79bea", "#6cc7cf", "#ffffff"],
];

/** Screen of a terminal, of so many characters a line. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** runOnTerminal runs a command on a pseudo-terminal, and gives all that it wrote. Throws where it fails. */
export async function runOnTerminal(command: string, { columns, rows }: ScreenSize): Promise<string> {
  const shell = `stty cols ${columns} rows ${rows}; exec ${command}`;
  const child = spawn("script", ["--quiet", "--return", "--flush", "--command", shell, "/dev/null"], {
    env: { ...process.env, TERM: "xterm-256color", FORCE_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${written}`);
  return written;
}

/** Span is a run of characters that look alike. */
interface Span {
  text: string;
  readonly colour: string;
  readonly isBold: boolean;
}

/** readScreen gives the lines that are left once everything was written, each in spans. */
export async function readScreen(
  written: string,
  { columns, rows }: ScreenSize,
): Promise<readonly (readonly Span[])[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(written, resolve));
  const { active } = terminal.buffer;
  return Array.from({ length: active.length }, (_, y) => {
    const line = active.getLine(y);
    const spans: Span[] = [];
    for (let x = 0; x < columns; x += 1) {
      const cell = line?.getCell(x);
      if (cell === undefined) continue;
      const isBold = cell.isBold() !== 0;
      const named = cell.isFgPalette() ? PALETTE[cell.getFgColor()] : undefined;
      const colour = named ?? (cell.isDim() !== 0 ? DIM : FOREGROUND);
      const last = spans.at(-1);
      const text = cell.getChars() || " ";
      if (last !== undefined && last.colour === colour && last.isBold === isBold) last.text += text;
      else spans.push({ text, colour, isBold });
    }
    return spans;
  });
}

/** textOf is a line without its looks. */
export function textOf(line: readonly Span[]): string {
  return line
    .map(({ text }) => text)
    .join("")
    .trimEnd();
}

/** drawTerminal gives the picture. */
export function drawTerminal(lines: readonly (readonly Span[])[], columns: number): string {
  const [width, height] = [Math.ceil(columns * CHARACTER) + 2 * PADDING, lines.length * LINE + 2 * PADDING];
  const rows = lines.map((line, index) => {
    const spans = withoutEnd(line).map(({ text, colour, isBold }) => drawSpan(text, { colour, isBold }));
    return `<text x="${PADDING}" y="${PADDING + index * LINE + SIZE}">${spans.join("")}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${SIZE}" fill="${FOREGROUND}">
${rows.join("\n")}
</g>
</svg>
`;
}

/** withoutEnd leaves out the spaces that fill a line up. */
function withoutEnd(line: readonly Span[]): readonly Span[] {
  const last = line.findLastIndex(({ text }) => text.trim() !== "");
  return line.slice(0, last + 1).map((span, index) => (index === last ? { ...span, text: span.text.trimEnd() } : span));
}

function drawSpan(text: string, { colour, isBold }: Omit<Span, "text">): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(" ", NO_BREAK);
  const looks = `${colour === FOREGROUND ? "" : ` fill="${colour}"`}${isBold ? ' font-weight="700"' : ""}`;
  return looks === "" ? escaped : `<tspan${looks}>${escaped}</tspan>`;
}
