/** Plain HTTP against ingress, for requests that no client of ours would send. */

/** RawRequest: a `body` that is text or bytes goes as it is, anything else as JSON. */
interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  /** Replace the usual ones: a valid token, and JSON as the media type where there is a body. '' leaves one out. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** RawAnswer: `json` is the parsed body, whatever it is. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape, and say which by what they expect.
  readonly json: any;
}

/** createRawClient makes the function that asks; `POST /v1/handoffs` unless said. */
export function createRawClient(url: string, token: string): (request: RawRequest) => Promise<RawAnswer> {
  return async ({ method = "POST", path = "/v1/handoffs", body, headers = {} }) => {
    const usual = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const sent = Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== "");
    const answer = await fetch(new URL(path, url), {
      method,
      headers: sent,
      ...(body === undefined ? {} : { body: bytesOf(body) }),
    });
    return { status: answer.status, headers: answer.headers, json: await answer.json() };
  };
}

/** Bytes, not text: fetch would add a media type of its own to text. */
function bytesOf(body: unknown): Uint8Array<ArrayBuffer> {
  if (body instanceof Uint8Array) return new Uint8Array(body);
  return new Uint8Array(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
}
