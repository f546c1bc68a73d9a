/** A real HTTP proxy: tinyproxy, with a password and an access log. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { end, eventually, freePort, HOST, spawnGuarded } from "./redis-server.ts";

/** PASSWORD: tinyproxy takes letters, digits, dots, dashes and underscores. */
export const PASSWORD = "planted-p.ss_1";
const USER = "baton";
/** It listens within so long, or never. Milliseconds. */
const START_MS = 10_000;

/**
 * Seen is one request, as the proxy wrote it down: `CONNECT` with host and port, or another method with the whole
 * address.
 */
export interface Seen {
  readonly method: string;
  readonly target: string;
}

/** HttpProxy ends with the test. */
export interface HttpProxy {
  readonly host: string;
  /** As BATON_EGRESS_PROXY has it. */
  urlWith(password?: string): string;
  start(): Promise<void>;
  seen(): readonly Seen[];
}

/** createProxy takes a free port, on which no process listens until it is started. */
export async function createProxy(): Promise<HttpProxy> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "baton-proxy-"));
  const log = join(folder, "access.log");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(log, "");
  writeFileSync(
    join(folder, "tinyproxy.conf"),
    [
      `Port ${port}`,
      `Listen ${HOST}`,
      `Allow ${HOST}`,
      `BasicAuth ${USER} ${PASSWORD}`,
      `LogFile "${log}"`,
      "LogLevel Connect",
    ].join("\n"),
  );
  return {
    host: `${HOST}:${port}`,
    urlWith: (password) =>
      `http://${password === undefined ? "" : `${USER}:${encodeURIComponent(password)}@`}${HOST}:${port}`,
    async start() {
      const child = spawnGuarded(["tinyproxy", "-d", "-c", join(folder, "tinyproxy.conf")]);
      onTestFinished(() => end(child));
      await eventually(() => listens(port), true, START_MS);
    },
    seen: () =>
      [...readFileSync(log, "utf8").matchAll(/Request \(file descriptor \d+\): (\S+) (\S+) HTTP/g)].map(
        ([, method = "", target = ""]) => ({
          method,
          target,
        }),
      ),
  };
}

/** spellings are the ways in which a password may show. */
export function spellings(password: string): readonly string[] {
  const basic = Buffer.from(`${USER}:${password}`).toString("base64");
  return [password, encodeURIComponent(password), encodeURI(password), basic, basic.replaceAll("=", "")];
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
