export { OTHERS } from "./connector-labels.ts";
export * from "./handoff-spans.ts";
export * from "./log.ts";
export * from "./metrics.ts";
export type { ConnectorFigures, QueueFigures } from "./queue-gauges.ts";
export * from "./tracing.ts";
