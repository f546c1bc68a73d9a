/** The process: starts, runs until a signal to stop, drains, closes, exits. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { replaceNodeDnsLookup } from "./cached-dns-lookup.ts";
import {
  ConfigurationFault,
  EXIT_CONFIGURATION,
  exitOnConfigurationFault,
  printConfigurationFault,
} from "./configuration-fault.ts";
import type { Log } from "./log-interface.ts";
import { createProcessLifecycle, type Lifecycle } from "./process-lifecycle.ts";

interface ProcessOptions {
  /** As it stands in the log: `ingress`, `worker`, … */
  readonly name: string;
  readonly log: Log;
  /** Opens everything; the process runs on when it resolves. What it opened before it threw is closed. */
  readonly start: (life: Lifecycle) => Promise<void>;
  /** `BATON_DRAIN_MS`: served on, with readiness off, after the signal to stop. */
  readonly drainMs: number;
  /** `BATON_SHUTDOWN_MS`: for closing, after draining. */
  readonly shutdownMs: number;
}

/**
 * runProcess runs one process until SIGTERM or SIGINT, then exits: 0 when everything closed within `shutdownMs`, else
 * 1.
 *
 * A failed start exits 1 too, and 78 where it threw a ConfigurationFault: what shows only when it is tried, such as a
 * port in use. The environment is read before, with `exitOnConfigurationFault`. Repeated signals change nothing: a
 * terminal and a wrapper script often send the same one twice.
 */
export async function runProcess({ name, log, start, drainMs, shutdownMs }: ProcessOptions): Promise<never> {
  replaceNodeDnsLookup();
  const life = createProcessLifecycle({ log, closeMs: Math.ceil(shutdownMs / 2) });
  const asked = stopSignal().then((signal): ProcessEnd => ({ kind: "asked", signal }));
  const started = start(life).then(
    () => {
      log.info({ process: name }, "started");
      return asked;
    },
    (err: unknown): ProcessEnd => ({ kind: "failed", err }),
  );
  const end = await Promise.race([asked, started]);
  switch (end.kind) {
    case "asked":
      log.info({ process: name, signal: end.signal, drainMs }, "stopping");
      life.drain();
      await sleep(drainMs);
      break;
    case "failed":
      if (end.err instanceof ConfigurationFault) printConfigurationFault(name, end.err);
      else log.error({ err: end.err, process: name }, "did not start");
  }
  const clean = await Promise.race([life.close(), sleep(shutdownMs, false)]);
  log.info({ process: name, clean }, "stopped");
  process.exit(exitCode(end, clean));
}

/** ServerConfig is what `runServerProcess` needs of a configuration. */
interface ServerConfig {
  readonly BATON_LOG_LEVEL: "debug" | "info" | "warn" | "error";
  readonly BATON_DRAIN_MS: number;
  readonly BATON_SHUTDOWN_MS: number;
}

/** ServerOptions: `compose` opens everything and listens. */
export interface ServerOptions<Config extends ServerConfig> {
  readonly name: string;
  readonly readConfig: () => Config;
  readonly createLog: (options: { readonly name: string; readonly level: ServerConfig["BATON_LOG_LEVEL"] }) => Log;
  readonly compose: (config: Config, life: Lifecycle, log: Log) => Promise<{ readonly url: string }>;
}

/** runServerProcess runs a process that listens, as `runProcess` does; with a configuration at fault it exits 78. */
export async function runServerProcess<Config extends ServerConfig>(options: ServerOptions<Config>): Promise<never> {
  const { name, readConfig, createLog, compose } = options;
  const config = exitOnConfigurationFault(name, () => readConfig());
  const log = createLog({ name, level: config.BATON_LOG_LEVEL });
  return runProcess({
    name,
    log,
    drainMs: config.BATON_DRAIN_MS,
    shutdownMs: config.BATON_SHUTDOWN_MS,
    async start(life) {
      const { url } = await compose(config, life, log);
      log.info({ url }, "listening");
    },
  });
}

function exitCode(end: ProcessEnd, clean: boolean): number {
  if (end.kind === "failed") return end.err instanceof ConfigurationFault ? EXIT_CONFIGURATION : 1;
  return clean ? 0 : 1;
}

type ProcessEnd =
  | { readonly kind: "asked"; readonly signal: NodeJS.Signals }
  | { readonly kind: "failed"; readonly err: unknown };

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on("SIGTERM", resolve);
    process.on("SIGINT", resolve);
  });
}

/** packageVersion reads the manifest one folder above the module at `moduleUrl`: beside `src`, and beside `dist`. */
export function packageVersion(moduleUrl: string): string {
  return (JSON.parse(readFileSync(new URL("../package.json", moduleUrl), "utf8")) as { readonly version: string })
    .version;
}
