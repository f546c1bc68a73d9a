/** What ingress and worker read from the environment. */
import { z } from "zod";

const projectSchema = z.object({
  id: z.string(),
  /** What its callers send as bearer token. */
  token: z.string(),
  accessKeyId: z.string(),
  accessKeySecret: z.string(),
});

const schema = z.object({
  REDIS_URL: z.string(),
  PORT: z.coerce.number().default(3000),
  CONCURRENCY: z.coerce.number().default(256),
  CXONE_URL: z.string(),
  CLIENT_ID: z.string(),
  CLIENT_SECRET: z.string(),
  PROJECTS: z.string().transform((text) => z.array(projectSchema).parse(JSON.parse(text))),
});

export type Project = z.infer<typeof projectSchema>;
export type Settings = z.infer<typeof schema>;

export function readSettings(): Settings {
  return schema.parse(process.env);
}

/** The job that ingress adds and the worker does. */
export const HANDOFFS = "handoffs";
export const DEAD_LETTERS = "dead-letters";

export interface Handoff {
  readonly projectId: string;
  readonly contactId: string;
  readonly params: Readonly<Record<string, string>>;
}
