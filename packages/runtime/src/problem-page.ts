/** The page of all problems: what each means, and what to do. */
import { PROBLEM_GUIDE, PROBLEMS, type ProblemCode } from "@baton/domain";

const CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;color:#1c2733;max-width:60rem;margin:2rem auto;padding:0 1rem}h2{margin:2rem 0 0;font-size:1.1rem}" +
  "code{font-family:ui-monospace,monospace;background:#eef2f6;border-radius:3px;padding:0 .2em}p{margin:.3rem 0}";

/** PROBLEM_PAGE is HTML; each problem's slug is an anchor in it. */
export const PROBLEM_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Baton: problems</title><link rel="icon" href="static/theme/baton.svg"><style>${STYLE}</style></head>
<body>
<h1>Problems</h1>
<p>Baton refuses with a problem document (RFC 9457): its <code>type</code> is <code>urn:baton:problem:</code> and one of these.</p>
${CODES.map(sectionOf).join("\n")}
</body>
</html>
`;

function sectionOf(code: ProblemCode): string {
  const { status, title } = PROBLEMS[code];
  const { meaning, remedy } = PROBLEM_GUIDE[code];
  return `<h2 id="${code}"><code>${code}</code> · ${status} · ${html(title)}</h2><p>${html(meaning)}</p><p><b>What to do:</b> ${html(remedy)}</p>`;
}

/** html writes text that has code between backquotes. */
function html(text: string): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return escaped.replaceAll(/`([^`]*)`/g, "<code>$1</code>");
}
