/** `baton doctor`: what is wrong, and what to do about it. */
import { Command } from "commander";
import { EXIT } from "../command-errors.ts";
import { formatDoctorReport } from "../doctor/format-doctor-report.ts";
import type { DoctorReport } from "../doctor/run-doctor.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import { openProgressLine, type PrintOptions, printJsonOrText, terminalWidthIfAny } from "../terminal-output.ts";

const HELP = `
With BATON_ADMIN_URL and BATON_ADMIN_KEY it asks admin, from anywhere. With BATON_REDIS_URL, BATON_NAMESPACE,
BATON_SHARDS and BATON_KEYRING, as the processes have them, it also looks at Redis and at what is sealed. It says what
it could not look at, and changes nothing; verifying a connector asks CXone for a token, and sends no signal.
Exit codes: 0 nothing is wrong, 1 something is, 78 the configuration cannot be read.`;

export function createDoctorCommand(): Command {
  return new Command("doctor")
    .description(
      "look at configuration, processes, Redis, clocks, keys, the queue and every connector, and say what to do",
    )
    .option(...JSON_OPTION)
    .addHelpText("after", HELP)
    .action(async ({ json }: PrintOptions) => {
      const { runDoctor } = await import("../doctor/run-doctor.ts");
      const progress = openProgressLine();
      const report = await runDoctor(process.env, progress.say).finally(progress.clear);
      printJsonOrText({ ok: report.findings === 0, ...report }, { json }, () =>
        formatDoctorReport(report, terminalWidthIfAny()),
      );
      process.exitCode = exitCodeOfReport(report);
    });
}

function exitCodeOfReport({ findings, faults }: DoctorReport): number {
  if (faults > 0) return EXIT.configuration;
  return findings > 0 ? EXIT.failed : EXIT.done;
}
