/** `baton keygen`: a new key for BATON_KEYRING. */
import { generateKeyringEntry } from "@baton/vault";
import { Command } from "commander";
import { JSON_OPTION } from "../option-parsers.ts";
import { type PrintOptions, printJsonOrText } from "../terminal-output.ts";

export function createKeygenCommand(): Command {
  return new Command("keygen")
    .description("print a new key for BATON_KEYRING; put it in front of older ones to change keys")
    .option(...JSON_OPTION)
    .action((printing: PrintOptions) =>
      printJsonOrText({ keyring: generateKeyringEntry() }, printing, ({ keyring }) => keyring),
    );
}
