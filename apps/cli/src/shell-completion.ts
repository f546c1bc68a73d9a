/** `completion bash|zsh|fish` prints a script, which asks the hidden command `complete` for what fits. */
import tab from "@bomb.sh/tab/commander";
import { type Command, CommanderError } from "commander";

type Completion = ReturnType<typeof tab>;

/**
 * The script for bash asks for the words of the line by a function of the package bash-completion; this one does not
 * join what `=` parts.
 */
const WORDS_OF_LINE = `# Where the package bash-completion is not loaded.
type -t _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
    cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
}

`;

/** Without it bash completes no file's name where the script finds nothing. */
const FILES_IN_BASH = "complete -o default -F __baton_complete baton\n";

/** FILES is what `complete` says where the shell is to complete a file's name. */
const FILES = ":0\n";

/** Arguments and options that take a file's or a folder's name. */
const IS_FILE = /^(?:file|folder)$|[<[](?:file|folder)[>\]]/;

/** addCompletion adds both commands, once all others are there. */
export function addCompletion(program: Command): void {
  const completion = tab(program, { completionCommandName: "completion" });
  for (const [path, command] of pathsOf(program)) {
    completeFirstNames(command, path, completion);
    completeFiles(command, path, completion);
  }
  completeInAnyBash(program);
}

/** completeInAnyBash has `completion bash` print what any bash can run, and what completes files. */
function completeInAnyBash(program: Command): void {
  const completion = program.commands.find((command) => command.name() === "completion");
  completion?.hook("preAction", (_completion, { args }) => {
    if (args[0] === "bash") process.stdout.write(WORDS_OF_LINE);
  });
  completion?.hook("postAction", (_completion, { args }) => {
    if (args[0] === "bash") process.stdout.write(FILES_IN_BASH);
  });
}

/** completeFirstNames has options completed by both names: of `--connector, --connector-id` tab knows the second. */
function completeFirstNames(command: Command, path: string, completion: Completion): void {
  for (const { short, description } of command.options) {
    if (short?.startsWith("--")) completion.commands.get(path)?.option(short.slice(2), description, () => undefined);
  }
}

/** completeFiles leaves names of files to the shell: tab itself would have it complete nothing there. */
function completeFiles(command: Command, path: string, completion: Completion): void {
  const known = completion.commands.get(path);
  for (const argument of command.registeredArguments) {
    if (IS_FILE.test(argument.name())) known?.argument(argument.name(), leaveToShell);
  }
  for (const { long, flags, description } of command.options) {
    if (IS_FILE.test(flags)) known?.option(long?.slice(2) ?? "", description, leaveToShell);
  }
}

function leaveToShell(): never {
  process.stdout.write(FILES);
  throw new CommanderError(0, "baton.complete", "");
}

function pathsOf(command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] {
  const below = command.commands.flatMap((each) => pathsOf(each, [...path, each.name()]));
  return [[path.join(" "), command], ...below];
}
