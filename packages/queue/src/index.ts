export * from "./dead-letter-queue.ts";
export * from "./handoff-consumer.ts";
export * from "./handoff-queue.ts";
export { jobIdOf, type QueueConnection, type QueueOptions, type TaggedJob } from "./topology.ts";
