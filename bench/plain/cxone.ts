/** CXone with axios: connections are kept alive, the token lies in Redis. */
import { Agent } from "node:http";
import axios from "axios";
import type { Redis } from "ioredis";
import type { Handoff, Project, Settings } from "./settings.ts";

/** A token is fetched anew a minute before it ends. Seconds. */
const MARGIN = 60;

export function createCxOne(settings: Settings, redis: Redis) {
  const http = axios.create({
    baseURL: settings.CXONE_URL,
    httpAgent: new Agent({ keepAlive: true }),
    timeout: 3_000,
    maxRedirects: 0,
  });

  async function tokenOf({ accessKeyId, accessKeySecret }: Project): Promise<string> {
    const cached = await redis.get(`token:${accessKeyId}`);
    if (cached !== null) return cached;
    const { data } = await http.post(
      "/auth/token",
      new URLSearchParams({ grant_type: "password", username: accessKeyId, password: accessKeySecret }),
      { auth: { username: settings.CLIENT_ID, password: settings.CLIENT_SECRET } },
    );
    await redis.set(`token:${accessKeyId}`, data.access_token, "EX", Math.max(1, data.expires_in - MARGIN));
    return data.access_token;
  }

  return {
    /** signal throws axios's error for anything but 2xx. */
    async signal(project: Project, { contactId, params }: Handoff): Promise<void> {
      const token = await tokenOf(project);
      try {
        await http.post(`/inContactAPI/services/v30.0/interactions/${contactId}/signal`, undefined, {
          params,
          headers: { Authorization: `Bearer ${token}` },
        });
      } catch (error) {
        if (axios.isAxiosError(error) && error.response?.status === 401)
          await redis.del(`token:${project.accessKeyId}`);
        throw error;
      }
    },
  };
}

/** isRefusal: CXone will not take this one later either. */
export function isRefusal(error: unknown): boolean {
  if (!axios.isAxiosError(error)) return false;
  const status = error.response?.status ?? 0;
  return status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);
}
