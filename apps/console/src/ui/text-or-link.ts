/** TextOrLink is a piece of a sentence, or a number; with `to` it leads to exactly the rows that it counts. */
export interface TextOrLink {
  readonly text: string;
  /** The same without what ticks, to be read out when it changes. */
  readonly spoken?: string;
  readonly to?: "/dead-letters" | "/connectors" | "/handoffs" | "/runs";
  readonly search?: Readonly<Record<string, string>>;
}
