import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { createWorld } from "../world/world.ts";
import { openConsole } from "./console.ts";
import { isSoundInLooks } from "./looks.ts";

/** Each look is judged in turn. Milliseconds. */
const LONG_MS = 300_000;

async function setup() {
  const world = await createWorld();
  const admin = await world.startAdmin();
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: admin.key });
  const keyFor = async (role: "viewer" | "operator" | "admin") =>
    operator.createAdminKey({ name: `${role} on call`, role });
  return { ...world, admin, operator, keyFor, console: await openConsole({ url: admin.url }) };
}

it("signs in with an admin key, and leads to the address that was asked for", async () => {
  const { admin, console } = await setup();
  await console.open("/audit?action=connector.change");
  await console.page.getByRole("heading", { name: "Sign in to Baton" }).waitFor();
  await console.isSound();
  await console.page.getByLabel("Admin key").fill("ba_wrong");
  await console.page.getByRole("button", { name: "Sign in" }).click();
  await console.page.getByText("This is no valid admin key.").waitFor();
  await console.signIn(admin.key);
  await console.page.getByRole("heading", { level: 1, name: "Audit" }).waitFor();
  expect(console.page.url()).toBe(`${admin.url}/audit?action=connector.change`);
  await console.isSound();
});

it("asks for a key, and says why it takes none, in every look", { timeout: LONG_MS }, async () => {
  const { console, operator } = await setup();
  const { page } = console;
  await console.open("/");
  await page.getByRole("heading", { name: "Sign in to Baton" }).waitFor();
  await isSoundInLooks(console);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Enter an admin key; it begins with ba_.").waitFor();
  await isSoundInLooks(console);
  const link = await operator.createSignInLink();
  await page.goto(link);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to Baton" }).waitFor();
  await page.goto(link);
  await page.getByText("The link did not sign you in").waitFor();
  await isSoundInLooks(console);
});

it("signs in by a link, once, and takes its code out of the address", async () => {
  const { admin, operator, console } = await setup();
  const link = await operator.createSignInLink();
  await console.page.goto(link);
  await console.page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  expect(console.page.url()).toBe(`${admin.url}/`);

  await console.page.getByRole("button", { name: "Sign out" }).click();
  await console.page.getByRole("heading", { name: "Sign in to Baton" }).waitFor();
  await console.page.goto(link);
  await console.page.getByText("The link did not sign you in").waitFor();
  expect(console.complaints).toEqual([]);
});

it("asks to sign in again where the session is over, and goes on at the same address", async () => {
  const { operator, keyFor, console, admin } = await setup();
  const { id, token } = await keyFor("operator");
  await console.open("/audit?action=connector.create");
  await console.signIn(token);
  await console.page.getByRole("heading", { level: 1, name: "Audit" }).waitFor();

  await operator.revokeAdminKey(id);
  await console.page.getByRole("status").getByText("Your session is over").waitFor();
  await console.isSound();
  await console.signIn(admin.key);
  await console.page.getByRole("heading", { level: 1, name: "Audit" }).waitFor();
  expect(console.page.url()).toBe(`${admin.url}/audit?action=connector.create`);
});

it("does not offer what a role may not do", async () => {
  const { keyFor, console, createConnector } = await setup();
  const { connector } = await createConnector();
  const { token } = await keyFor("viewer");
  await console.open(`/connectors/${connector.id}`);
  await console.signIn(token);
  await console.page.getByRole("heading", { level: 1, name: "test" }).waitFor();
  for (const name of ["Pause…", "Resume", "New connector", "New token…"])
    expect(await console.page.getByRole("button", { name }).count(), name).toBe(0);
  await console.open(`/connectors/${connector.id}?tab=settings`);
  await console.page.getByText("Your role does not allow changes").waitFor();
  await console.open("/dead-letters/replay");
  await console.page.getByText("Your role does not allow this").waitFor();
  expect(await console.page.getByRole("button", { name: "Make the plan" }).count()).toBe(0);
  await console.isSound();
});

it("offers verify to those whom admin lets verify, and has it done", async () => {
  const { keyFor, console, createConnector } = await setup();
  const { page } = console;
  const { connector } = await createConnector();
  const verify = page.getByRole("button", { name: "Verify", exact: true });
  for (const role of ["viewer", "operator", "admin"] as const) {
    await console.open(`/connectors/${connector.id}?tab=test`);
    await console.signIn((await keyFor(role)).token);
    if (role === "viewer") await page.getByText("It takes an operator.").waitFor();
    else {
      await verify.click();
      await page.getByText("What this does not prove").waitFor();
      // Its label says that it asks until the answer is drawn.
      await verify.waitFor();
    }
    expect(await verify.count(), role).toBe(role === "viewer" ? 0 : 1);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Admin key").waitFor();
  }
  expect(console.complaints).toEqual([]);
});
