import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { formatBatonCommand } from "./format-baton-command.ts";

it("writes words, flags and values, and leaves out what is empty", () => {
  const options = { rate: 20, first: undefined, note: "", all: true, "include-unknown": false };
  expect(formatBatonCommand(["replays", "start"], options)).toBe("baton replays start --rate 20 --all");
});

it("keeps a value one word for a shell, whatever is in it", () => {
  expect(formatBatonCommand(["keys", "issue", "Ana, on call"], { note: "it's $HOME; `id`" })).toBe(
    "baton keys issue 'Ana, on call' --note 'it'\\''s $HOME; `id`'",
  );
});

const SOURCES = join(import.meta.dirname, "..");

/** What changes nothing by itself, with who shows the command; and the session, which is the console's own. */
const WITHOUT_COMMAND = [
  // The pages of plans show them.
  "runs/use-plan-and-start-run.ts",
  "session/session-and-permissions.ts",
];

const WRITES = /import \{[^}]*\bwriteToApi\b[^}]*\} from "[./]*api\/send-api-request\.ts"/;
const SHOWS_COMMAND = /\bformat(Baton|ConnectorsApplyCli|ExplainCxoneAnswer|PlanCli)Command\(/;

it("shows with every action what does the same on the command line", () => {
  const writes = globSync("**/*.{ts,tsx}", { cwd: SOURCES }).filter((file) => {
    const text = readFileSync(join(SOURCES, file), "utf8");
    return WRITES.test(text) && !SHOWS_COMMAND.test(text);
  });
  expect(writes.toSorted()).toEqual(WITHOUT_COMMAND);
});
