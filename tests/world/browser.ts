/** A real browser: the Chromium of the machine. */
import { execFileSync } from "node:child_process";
import { type Browser, chromium } from "playwright-core";
import { onTestFinished } from "vitest";

/**
 * A name that is no loopback's, for browsers treat those as safe whatever they are served with; no name server is
 * asked.
 */
export const HOST = "baton.example";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
];

/** openBrowser opens one that knows HOST as this machine; it is closed when the test is finished. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  onTestFinished(() => browser.close());
  return browser;
}
