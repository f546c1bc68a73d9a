/** The program: every command by name. Another is one line more. */
import { Command, CommanderError } from "commander";
import { exitWhenInterrupted, Misuse } from "./command-errors.ts";
import { createAdminKeysCommand } from "./commands/admin-keys.ts";
import { createAuditCommand } from "./commands/audit.ts";
import { createConnectorsCommand } from "./commands/connectors.ts";
import { createDeadLettersCommand } from "./commands/dead-letters.ts";
import { createDemoCommand } from "./commands/demo.ts";
import { createDoctorCommand } from "./commands/doctor.ts";
import { createExplainAnswerCommand } from "./commands/explain-answer.ts";
import { createHandoffCommand } from "./commands/handoff.ts";
import { createKeygenCommand } from "./commands/keygen.ts";
import { createMarkRestoredAsPossiblySentCommand } from "./commands/mark-restored-as-possibly-sent.ts";
import { createResealCommand } from "./commands/reseal.ts";
import { createRunsCommand } from "./commands/runs.ts";
import { createSendCommand } from "./commands/send.ts";
import { createProcessCommands } from "./commands/start-single-process.ts";
import { createTopCommand } from "./commands/top.ts";
import { createUpCommand } from "./commands/up.ts";
import { createWhyCommand } from "./commands/why.ts";
import { addCompletion } from "./shell-completion.ts";
import { formatVersionAndCommit, VERSION } from "./version.ts";

const EXIT_CODES = "\nExit codes: 0 done, 1 refused or failed, 2 misused, 78 bad configuration, 130 interrupted.";

/** RUNNING is what goes on until a signal to stop, and ends by itself then. */
const RUNNING = new Set(["demo", "up", "ingress", "worker", "admin", "simulator"]);

/** createProgram makes `baton`; parsing throws where Commander would exit. */
export function createProgram(): Command {
  const program = new Command("baton")
    .description("Passes live calls from PolyAI voice agents to people in NICE CXone.")
    .option("-V, --version", "print the version, and the commit that it was built from")
    .on("option:version", printVersion)
    // Else `handoff` would take the --json of `handoff search`.
    .enablePositionalOptions()
    .addHelpText("after", EXIT_CODES)
    .hook("preAction", (_program, command) => {
      if (!RUNNING.has(command.name())) exitWhenInterrupted();
    });
  for (const [heading, commands] of Object.entries(createCommands())) {
    for (const command of commands) program.addCommand(command.helpGroup(heading));
  }
  program.addCommand(createHelpCommand(program));
  addCompletion(program);
  for (const command of withDescendants(program)) command.exitOverride().showHelpAfterError("(--help says more)");
  return program;
}

/** createHelpCommand shows the help of the command that is named: Commander's own takes no more than one word. */
function createHelpCommand(program: Command): Command {
  return new Command("help")
    .description("display help for command")
    .argument("[command...]")
    .action((names: readonly string[]) => {
      let command = program;
      for (const name of names) {
        const next = command.commands.find((each) => each.name() === name);
        if (next === undefined) throw new Misuse(`there is no command ${JSON.stringify(names.join(" "))}`);
        command = next;
      }
      command.help();
    });
}

/** printVersion asks for the commit only where it is wanted: that costs a process. */
function printVersion(): never {
  process.stdout.write(`${formatVersionAndCommit()}\n`);
  throw new CommanderError(0, "commander.version", VERSION);
}

function createCommands(): Readonly<Record<string, readonly Command[]>> {
  return {
    "To try it:": [createDemoCommand(), createUpCommand()],
    "Its processes:": createProcessCommands(),
    "On call:": [
      createTopCommand(),
      createHandoffCommand(),
      createWhyCommand(),
      createExplainAnswerCommand(),
      createDeadLettersCommand(),
      createRunsCommand("replay"),
      createRunsCommand("discard"),
      createAuditCommand(),
      createDoctorCommand(),
    ],
    "To set it up:": [
      createSendCommand(),
      createConnectorsCommand(),
      createAdminKeysCommand(),
      createKeygenCommand(),
      createResealCommand(),
      createMarkRestoredAsPossiblySentCommand(),
    ],
  };
}

function withDescendants(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}
