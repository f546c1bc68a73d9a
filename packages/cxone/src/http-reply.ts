/** Reply: what became of a request. */
import type { AccessCheckCode } from "@baton/domain";

/** ReplyHeaders by name in lower case, as Latin-1; a list where a header came more than once. */
export type ReplyHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** ConnectionFault is the step at which a connection failed, where more is known than that it was not made. */
export type ConnectionFault = Extract<AccessCheckCode, "name-not-resolved" | "tls-failed" | "proxy-refused">;

/**
 * Reply is what became of a request. Redirects are answers like any other.
 *
 * `answered`: a whole answer, or its first 64 KiB with `cut`. `unsent`: no byte of it left. `unanswered`: it had a
 * connection, so it may have arrived; `status` when the answer's head came and its end did not.
 */
export type Reply =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: ReplyHeaders;
      readonly body: string;
      readonly cut: boolean;
    }
  | { readonly kind: "unsent"; readonly detail: string; readonly fault?: ConnectionFault }
  | { readonly kind: "unanswered"; readonly status?: number; readonly detail: string };

/** firstValueOfHeader gives a header's value, the first where there are several. */
export function firstValueOfHeader(headers: ReplyHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.[0];
}
