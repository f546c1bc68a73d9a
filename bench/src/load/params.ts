/** Four parameters of 20 bytes: the handoff that all figures are of. */
export const PARAMS = {
  p1: "Escalate to billing ",
  p2: "conversation 471100 ",
  p3: "intent: refund order",
  p4: "language: English US",
};

/** Nine parameters of 200 bytes: nearly all that a signal's address may hold. */
export const LARGE_PARAMS = Object.fromEntries(
  Array.from({ length: 9 }, (_, index) => [`p${index + 1}`, String(index + 1).repeat(200)]),
);
