/** A fault inside OpenTelemetry's SDK, in a process of its own. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./guide.ts";

const SDK = join(ROOT, "packages/telemetry/node_modules/@opentelemetry/sdk-trace/dist/index.mjs");

/** faultyAt gives NODE_OPTIONS with which no span can be begun (`onStart`) or ended (`onEnd`). */
export function faultyAt(method: "onStart" | "onEnd"): string {
  const code = `
    import { BatchSpanProcessor } from "${pathToFileURL(SDK)}";
    BatchSpanProcessor.prototype.${method} = () => { throw new Error("${method} of the span processor is broken"); };
  `;
  return `--import=data:text/javascript,${encodeURIComponent(code)}`;
}
