import { expect, it } from "vitest";
import { HOST, openBrowser } from "./world/browser.ts";
import { createWorld } from "./world/world.ts";

it.each([
  { app: "ingress", title: "Baton ingress", operation: "Accept one handoff", first: "handoffs" },
  { app: "admin", title: "Baton admin", operation: "Find handoffs, the newest accepted first", first: "handoffs" },
] as const)(
  "a browser shows the documentation of $app over plain http, under any name",
  async ({ app, title, operation, first }) => {
    const world = await createWorld();
    const { url } = await (app === "ingress" ? world.startIngress() : world.startAdmin());
    const address = `http://${HOST}:${new URL(url).port}`;
    const page = await (await openBrowser()).newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("requestfailed", (request) => complaints.push(`${request.url()} failed`));
    page.on("request", (request) => {
      if (!request.url().startsWith(address) && !request.url().startsWith("data:"))
        complaints.push(`${request.url()} is elsewhere`);
    });

    await page.goto(`${address}/docs`);
    await page.getByText(operation, { exact: true }).click();
    await page.getByText("Request body").or(page.getByText("Parameters")).first().waitFor();
    expect(await page.title()).toBe(title);
    expect(await page.locator(".opblock-tag").first().textContent()).toMatch(new RegExp(`^${first}`));
    expect(await page.locator(".topbar").count()).toBe(0);

    await page.evaluate("for (const link of document.querySelectorAll('a[target]')) link.removeAttribute('target')");
    await page.getByRole("link", { name: "what each means and what to do" }).click();
    await page.locator("#queue-unavailable").waitFor();
    expect(complaints).toEqual([]);
  },
);
