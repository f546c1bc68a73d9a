/** The load generator, as its parent process sees it. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Phase, PhaseAnswer, PhaseResult } from "./phase.ts";

/** startLoadGenerator starts the generator; several phases may run at once. */
export function startLoadGenerator() {
  const child = fork(join(import.meta.dirname, "generator-process.ts"), { execArgv: [] });
  const waiting = new Map<number, PromiseWithResolvers<PhaseResult>>();
  let calls = 0;
  child.on("message", (answer: PhaseAnswer) => {
    const asked = waiting.get(answer.call);
    waiting.delete(answer.call);
    if ("result" in answer) asked?.resolve(answer.result);
    else asked?.reject(new Error(`the load generator: ${answer.error}`));
  });
  child.on("exit", (code) => {
    for (const asked of waiting.values()) asked.reject(new Error(`the load generator ended (${code})`));
  });
  return {
    play(phase: Phase): Promise<PhaseResult> {
      const asked = Promise.withResolvers<PhaseResult>();
      waiting.set(++calls, asked);
      child.send({ call: calls, phase });
      return asked.promise;
    },
    async close(): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
