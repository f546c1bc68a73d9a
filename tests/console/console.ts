/** The operators' console in a real browser, on a real admin. */
import { AxeBuilder } from "@axe-core/playwright";
import type { BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { expect, onTestFinished, vi } from "vitest";
import { openBrowser, openWindow } from "../world/browser.ts";

/** What a test waits for on a page, at most: two busy cores draw slowly. Milliseconds. */
const PATIENCE_MS = 30_000;
/** A test that waits a few times is given more than one patience. Milliseconds. */
vi.setConfig({ testTimeout: 6 * PATIENCE_MS });

/** ConsoleOptions say where admin is, and how the browser looks at it. */
export interface ConsoleOptions extends BrowserContextOptions {
  readonly url: string;
}

/** TestConsole is one browser window; it closes with the test. */
export interface TestConsole {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Opens another tab of the same browser window, with the same session. */
  newTab(): Promise<TestConsole>;
  /** What the browser complained about: the policy, scripts that failed, requests to elsewhere. */
  readonly complaints: readonly string[];
  /** Opens a page of the console. */
  open(path: string): Promise<void>;
  /** Presses a button that copies, and gives what is copied. */
  copy(button: Locator): Promise<string>;
  /** Signs in with a key, where the sign-in page is. */
  signIn(key: string): Promise<void>;
  /** Holds the page, as it is now, to axe's rules, to its width and to the policy. */
  isSound(options?: { readonly failed?: boolean }): Promise<void>;
}

export async function openConsole({ url, ...options }: ConsoleOptions): Promise<TestConsole> {
  const browser = await openBrowser();
  return openIn(await browser.newContext({ reducedMotion: "reduce", ...options }), url);
}

/** openConsoleInWindow opens one whose tabs are hidden behind the one in front. */
export async function openConsoleInWindow(url: string): Promise<TestConsole> {
  return openIn(await openWindow(), url);
}

async function openIn(context: BrowserContext, url: string): Promise<TestConsole> {
  context.setDefaultTimeout(PATIENCE_MS);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  onTestFinished(() => context.close());
  return openTab(context, url);
}

async function openTab(context: BrowserContext, url: string): Promise<TestConsole> {
  const page = await context.newPage();
  const complaints = watch(page, url);
  await page.addInitScript({ content: REPORT_VIOLATIONS });
  return {
    page,
    context,
    complaints,
    newTab: () => openTab(context, url),
    open: async (path) => void (await page.goto(`${url}${path}`)),
    async copy(button) {
      const copied = page.getByText("Copied");
      // Another button that copied says so for two seconds.
      await copied.waitFor({ state: "detached" });
      await button.click();
      await copied.waitFor();
      return page.evaluate<string>("navigator.clipboard.readText()");
    },
    async signIn(key) {
      await page.getByLabel("Admin key").fill(key);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("navigation", { name: "Pages" }).waitFor();
    },
    async isSound({ failed = false } = {}) {
      await expectSound(page);
      // A request without an answer is one of the browser's own complaints.
      expect(failed ? complaints.filter((complaint) => complaint.startsWith("policy:")) : complaints).toEqual([]);
    },
  };
}

function watch(page: Page, url: string): readonly string[] {
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    // A refusal is an answer: a page without a session gets one.
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isRefusal) complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) complaints.push(`${request.url()} is elsewhere`);
  });
  return complaints;
}

/** REPORT_VIOLATIONS and OVERFLOW run in the browser. */
const REPORT_VIOLATIONS = `document.addEventListener("securitypolicyviolation", (event) =>
  console.error("policy:", event.violatedDirective, event.blockedURI, event.sourceFile));`;
const OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth";

/** What is pressed is at least 24 pixels wide and high: a rule that axe leaves out unless asked. */
const OPTIONS: Parameters<AxeBuilder["options"]>[0] = {
  rules: { "target-size": { enabled: true } },
  resultTypes: ["violations"],
};

/** expectSound judges again what was still being drawn: a page that takes its new width, or its new colours. */
async function expectSound(page: Page): Promise<void> {
  await expect.poll(() => findingsOf(page), { message: `axe on ${page.url()}`, timeout: PATIENCE_MS }).toEqual([]);
  await expect
    .poll(() => page.evaluate<number>(OVERFLOW), {
      message: `${page.url()} is wider than its window by so many pixels`,
    })
    .toBeLessThanOrEqual(0);
}

async function findingsOf(page: Page): Promise<readonly string[]> {
  // The other mode opens a tab for each judgement, to put those of a page's frames together: the console has none.
  const axe = new AxeBuilder({ page }).options(OPTIONS).setLegacyMode();
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
