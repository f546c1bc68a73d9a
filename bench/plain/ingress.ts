/** POST /v1/handoffs: check the token, check the body, add a job. Fastify's and BullMQ's guides, put together. */
import { Queue } from "bullmq";
import Fastify from "fastify";
import { Redis } from "ioredis";
import { HANDOFFS, type Handoff, type Project, readSettings } from "./settings.ts";

const settings = readSettings();
const projects = new Map<string, Project>(settings.PROJECTS.map((project) => [`Bearer ${project.token}`, project]));
// BullMQ's guide, "going to production": a producer fails fast where Redis is away.
const connection = new Redis(settings.REDIS_URL, { enableOfflineQueue: false });
const queue = new Queue<Handoff>(HANDOFFS, {
  connection,
  defaultJobOptions: {
    attempts: 10,
    backoff: { type: "exponential", delay: 250, jitter: 0.5 },
    removeOnComplete: true,
    removeOnFail: true,
  },
});

const bodySchema = {
  type: "object",
  required: ["contactId"],
  additionalProperties: false,
  properties: {
    contactId: { type: "string", pattern: "^\\d{1,19}$" },
    params: {
      type: "object",
      additionalProperties: false,
      patternProperties: { "^p[1-9]$": { type: "string", maxLength: 256 } },
    },
  },
};

const app = Fastify({ logger: true });
app.decorateRequest("project", null);
app.addHook("onRequest", async (request, reply) => {
  const project = projects.get(request.headers.authorization ?? "");
  if (project === undefined) return reply.code(401).send({ error: "unauthorized" });
  request.setDecorator("project", project);
});
app.post<{ Body: { contactId: string; params?: Record<string, string> } }>(
  "/v1/handoffs",
  { schema: { body: bodySchema } },
  async (request, reply) => {
    const { contactId, params = {} } = request.body;
    const { id: projectId } = request.getDecorator<Project>("project");
    const job = await queue.add("handoff", { projectId, contactId, params });
    return reply.code(202).send({ id: job.id, status: "queued" });
  },
);

process.on("SIGTERM", () => void close());

async function close(): Promise<void> {
  await app.close();
  await queue.close();
  connection.disconnect();
  process.exit(0);
}

await queue.waitUntilReady();
await app.listen({ port: settings.PORT, host: "127.0.0.1" });
app.log.info("ready");
