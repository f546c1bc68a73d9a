import { expect, it, onTestFinished, vi } from "vitest";
import { describeError, EXIT, exitCodeOf } from "./command-errors.ts";
import { createProgram } from "./command-line-program.ts";

/** What a command line comes to: its exit code, and everything that is said on stderr. */
async function run(args: readonly string[]) {
  const before = process.listeners("SIGINT");
  onTestFinished(() => {
    const added = process.listeners("SIGINT").filter((listener) => !before.includes(listener));
    for (const listener of added) process.removeListener("SIGINT", listener);
  });
  const said: string[] = [];
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  const stdout = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  onTestFinished(() => {
    stderr.mockRestore();
    stdout.mockRestore();
  });
  const error: unknown = await createProgram()
    .parseAsync([...args], { from: "user" })
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  return {
    code: error === undefined ? EXIT.done : exitCodeOf(error),
    said: said.join("") + (describeError(error ?? "") ?? ""),
  };
}

it.each([
  ["no command", []],
  ["an unknown command", ["sned"]],
  ["a group without a command", ["dead-letters"]],
  ["an unknown option", ["keygen", "--jsno"]],
  ["a missing argument", ["handoff"]],
  ["one argument too many", ["handoff", "a", "b"]],
  ["a parameter without a name", ["send", "1", "Escalate"]],
  ["a tenth parameter", ["send", "1", "p10=x"]],
  ["a parameter twice", ["send", "1", "p1=x", "p1=y"]],
  ["a context that is no object", ["send", "1", "--context", "[1]"]],
  ["a context with a number that would lose digits", ["send", "1", "--context", '{"id":[12345678901234567890]}']],
  ["a command that there is not", ["help", "connectors", "sing"]],
  ["a wait without a unit", ["send", "1", "--wait", "5"]],
  ["a reason that there is not", ["dead-letters", "list", "--reason", "tired"]],
  ["a file that is not there", ["connectors", "create", "/nowhere.json"]],
  ["an explanation of no answer", ["explain"]],
  ["a Retry-After without an answer", ["explain", "--unanswered", "timeout", "--retry-after", "12"]],
  ["a run of nothing", ["replays", "start", "--yes", "--note", "x"]],
  ["a run of a plan and of a filter", ["discards", "start", "--plan", "pl_1", "--all", "--yes", "--note", "x"]],
  ["a run at rate 0", ["replays", "rate", "rn_1", "0"]],
  ["a cause that is ignored and open", ["dead-letters", "acknowledge", "cs_1", "--ignore", "--reopen"]],
  ["an action that there is not", ["audit", "--action", "sing"]],
  ["a key of no role", ["keys", "issue", "Ana"]],
  ["a pause that is over", ["connectors", "pause", "cn_1", "--until", "2020-01-01"]],
  ["a pause of nothing", ["connectors", "pause"]],
  ["a pause of one and of all", ["connectors", "pause", "cn_1", "--all"]],
  ["a test signal's parameters without its contact", ["connectors", "verify", "cn_1", "--p1", "x"]],
])("is misused with %s", async (_what, args) => {
  const { code, said } = await run(args);
  expect(code).toBe(EXIT.misused);
  expect(said).not.toBe("");
});

const START = ["replays", "start", "--all", "--yes", "--note", "x"];
it.each([
  ["a rate that is a word", [...START, "--rate", "abc"], "a number, 1 to 5000"],
  ["a rate with a rest", ["discards", "start", "--all", "--yes", "--note", "x", "--rate", "5x"], "a number, 1 to 5000"],
  ["a rate above the highest", ["replays", "rate", "rn_1", "5001"], "a number, 1 to 5000"],
  ["a part that is a word", [...START, "--stop-when-dying", "x"], "a part, 0 to 1"],
  ["a part in percent", [...START, "--stop-when-dying", "50"], "a part, 0 to 1"],
  ["a first of none", [...START, "--first", "0"], "a whole number, 1 to 1000000"],
  ["a first that is a half", [...START, "--first", "0.5"], "a whole number, 1 to 1000000"],
  ["a deadline without a unit", [...START, "--deadline", "60"], "a duration"],
  ["a deadline under a second", [...START, "--deadline", "500ms", "--dry-run"], "a duration, 1s to 24h"],
  ["a wait over 30 s", ["send", "1", "--wait", "31s"], "a duration, 1s to 30s"],
  ["a wait under a second", ["send", "1", "--wait", "500ms"], "a duration, 1s to 30s"],
  ["a pause until no instant", ["connectors", "pause", "cn_1", "--until", "foo"], "for how long from now, such as 30m"],
  ["an end that is none", ["keys", "issue", "Ana", "--role", "viewer", "--expires", "foo"], "for how long from now"],
  ["a limit of none", ["dead-letters", "list", "--limit", "0"], "a whole number, 1 or more"],
  ["a status that is none of HTTP's", ["explain", "--status", "42"], "a whole number, 200 to 599"],
  ["an attempt before the first", ["explain", "--status", "503", "--attempt", "0"], "a whole number, 1 or more"],
])("says what it expects in place of %s, and sends nothing", async (_what, args, expected) => {
  const { code, said } = await run(args);
  expect(code).toBe(EXIT.misused);
  expect(said).toMatch(new RegExp(`expected ${expected}`, "i"));
});

it("shows the help of a command of a command, by both ways", async () => {
  const stdout = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  onTestFinished(() => stdout.mockRestore());
  for (const line of ["help connectors pause", "connectors help pause", "connectors pause --help"]) {
    stdout.mockClear();
    await createProgram()
      .parseAsync(line.split(" "), { from: "user" })
      .catch((error: unknown) => expect(exitCodeOf(error)).toBe(EXIT.done));
    expect(stdout.mock.calls.join("")).toContain("Usage: baton connectors pause [options] [connector]");
  }
});

it.each([["--help"], ["--version"], ["send --help"], ["help dead-letters"]])("is done after %s", async (line) => {
  expect(await run(line.split(" "))).toEqual({ code: EXIT.done, said: "" });
});
