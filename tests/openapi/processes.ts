/** What the tools work on: a whole Baton and the simulator, as an operator starts them, with one connector. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createBatonClient } from "@baton/api";

const BATON = join(import.meta.dirname, "../../apps/cli/bin/baton.mjs");
const ADMIN_KEY = `ba_${"0123456789abcdef".repeat(2)}`;

/** RunningBaton is where everything listens, and what opens it. */
export interface RunningBaton {
  readonly ingress: string;
  readonly admin: string;
  readonly adminKey: string;
  readonly token: string;
  readonly screenPopKey: string;
  close(): Promise<void>;
}

/** startBaton starts everything on free ports; `folder` takes Baton's data. */
export async function startBaton(folder: string): Promise<RunningBaton> {
  const children: ChildProcess[] = [];
  const close = async () => {
    await Promise.all(children.map(end));
  };
  try {
    const [simulator = ""] = await start(children, ["simulator"], { BATON_SIMULATOR_PORT: "0" }, [/"url":"([^"]+)"/]);
    const [ingress = "", admin = ""] = await start(children, ["up", "--data", join(folder, "data")], UP, [
      /^ingress +(\S+)/,
      /^admin +(\S+)/,
    ]);
    return { ingress, admin, adminKey: ADMIN_KEY, ...(await createConnector(admin, simulator)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const UP = {
  BATON_INGRESS_PORT: "0",
  BATON_ADMIN_PORT: "0",
  BATON_WORKER_PORT: "0",
  BATON_ADMIN_KEY: ADMIN_KEY,
  BATON_ALLOWED_HOSTS: "http://127.0.0.1:*",
  // Each request of schemathesis says that it comes from an address of its own.
  BATON_TRUSTED_PROXIES: "127.0.0.1",
  BATON_LOG_LEVEL: "error",
};

async function createConnector(admin: string, issuer: string) {
  const client = createBatonClient({ adminUrl: admin, adminKey: ADMIN_KEY });
  const { id } = await client.createConnector({
    name: "Tools",
    accountId: "acme",
    projectId: "tools",
    pseudoNumbers: ["+15550100100"],
    cxone: { issuer },
    credentials: {
      clientId: "app@nice",
      clientSecret: "secret",
      accessKeyId: "KEY1====",
      accessKeySecret: "secret====",
    },
    delivery: { rate: null },
  });
  return { token: (await client.createToken(id)).token, screenPopKey: (await client.createScreenPopKey(id)).token };
}

/** start runs a command of Baton's until it has said all that is looked for, and gives what each pattern found. */
async function start(
  children: ChildProcess[],
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  patterns: readonly RegExp[],
): Promise<readonly string[]> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("BATON_"));
  const child = spawn(process.execPath, [BATON, ...args], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const found = new Map<RegExp, string>();
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    child.once("exit", (code) => reject(new Error(`baton ${args[0]} ended with ${code}:\n${said.join("\n")}`)));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        for (const pattern of patterns) {
          const [, text] = pattern.exec(line) ?? [];
          if (text !== undefined) found.set(pattern, text);
        }
        if (found.size === patterns.length) resolve(patterns.map((pattern) => found.get(pattern) ?? ""));
      });
    }
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}
