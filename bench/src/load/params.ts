/** Four parameters of 20 bytes: the handoff that all figures are of. */
export const PARAMS = { p1: "Escalate to billing ", p2: "conversation 471100 ", p3: "intent: refund order", p4: "language: English US" };
