/** The job that ingress adds and the worker does. */
export const HANDOFFS = "handoffs";
export const DEAD_LETTERS = "dead-letters";

export interface Handoff {
  readonly projectId: string;
  readonly contactId: string;
  readonly params: Readonly<Record<string, string>>;
}
