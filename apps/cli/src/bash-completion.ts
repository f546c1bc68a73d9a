/** What the script for bash needs where the package bash-completion is not there. */
import type { Command } from "commander";

/** The script asks for the words of the line by a function of that package; this one does not join what `=` parts. */
const WORDS_OF_LINE = `# Where the package bash-completion is not loaded.
type -t _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
    cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
}

`;

/** completeWithoutPackage has `completion bash` print what any bash can run. */
export function completeWithoutPackage(program: Command): void {
  const completion = program.commands.find((command) => command.name() === "completion");
  completion?.hook("preAction", (_completion, { args }) => {
    if (args[0] === "bash") process.stdout.write(WORDS_OF_LINE);
  });
}
