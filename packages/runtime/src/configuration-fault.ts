/** Faults of the configuration: all of them reported together, once. */

/** EXIT_CONFIGURATION is what a process exits with when its configuration is at fault (EX_CONFIG of sysexits.h). */
export const EXIT_CONFIGURATION = 78;

const SUMMARY = "the configuration is not valid";

/**
 * ConfigurationFault lists everything that is wrong with the environment: a variable's name and what would be accepted,
 * never its value.
 */
export class ConfigurationFault extends Error {
  override readonly name = "ConfigurationFault";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`${SUMMARY}:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

/**
 * exitOnConfigurationFault gives what `read` gives; on a ConfigurationFault it prints all faults and exits 78. `name`
 * is the process's.
 */
export function exitOnConfigurationFault<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigurationFault)) throw error;
    printConfigurationFault(name, error);
    process.exit(EXIT_CONFIGURATION);
  }
}

/**
 * printConfigurationFault writes to stderr: text for a person at a terminal, elsewhere one line of JSON like those of
 * the log.
 */
export function printConfigurationFault(name: string, { message, faults }: ConfigurationFault): void {
  const line = { level: "error", time: new Date().toISOString(), name, pid: process.pid, faults, msg: SUMMARY };
  process.stderr.write(process.stderr.isTTY ? `${message}\n` : `${JSON.stringify(line)}\n`);
}
