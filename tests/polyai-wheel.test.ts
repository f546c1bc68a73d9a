/**
 * The PolyAI client as a wheel: installed into an empty folder, it does what the file in a project does. Left out of a
 * run without pip (vitest.config.ts).
 */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { startBaton } from "./world/baton.ts";
import { makePackage } from "./world/installed-package.ts";

const RUNTIME = join(import.meta.dirname, "polyai/runtime.py");
const NUMBER = "+15550100100";
const CONTACT = "9007199254740993001";
/** The first time, pip fetches what builds it. Milliseconds. */
const BUILD_MS = 180_000;

/** install makes the wheel and installs it as a project would, from the file alone. */
async function install(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "baton-wheel-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const wheel = await makePackage(folder, "polyai");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"];
  await promisify(execFile)("python3", [...pip, "--target", join(folder, "installed"), wheel]);
  return join(folder, "installed");
}

it(
  "hands a call off from a project that has it installed",
  async () => {
    const installed = await install();
    const { ingressUrl, token, simulator } = await startBaton({ pseudoNumbers: [NUMBER] });
    simulator.contact(CONTACT, "active");
    const child = spawn("python3", [RUNTIME, installed], { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    const call = { reason: "billing", pseudoNumber: NUMBER, sipHeaders: { "X-InContact-ContactId": CONTACT } };
    child.stdin.end(
      JSON.stringify({ baseUrl: ingressUrl, token, state: {}, conversationId: "conversation-1", ...call }),
    );
    expect(JSON.parse(await text(child.stdout))).toMatchObject({
      returned: { utterance: expect.stringMatching(/being connected/) },
    });
    expect(simulator.signals()).toMatchObject([{ contactId: CONTACT, params: { p1: "Escalate" } }]);
  },
  BUILD_MS,
);
