/** A real browser: the Chromium of the machine. */
import { execFileSync } from "node:child_process";
import getPort from "get-port";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
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
export async function openBrowser(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  const browser = await chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
  onTestFinished(() => browser.close());
  return browser;
}

/**
 * openWindow opens a window as a person has it: of its tabs only the one in front is visible. The pages that Playwright
 * makes by itself all count as visible, so that none of them is slowed down.
 */
export async function openWindow(): Promise<BrowserContext> {
  const port = await getPort();
  await openBrowser([`--remote-debugging-port=${port}`]);
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  onTestFinished(() => browser.close());
  const [context] = browser.contexts();
  if (context === undefined) throw new Error("the browser has no window");
  return context;
}
