/** Steps of a check, one after the other, each shown with how it went and how long it took. */

/**
 * NOT_CHECKED is the exit code of a check whose tools cannot be installed: neither passed nor failed. Automake and
 * Meson read it as a skipped test.
 */
export const NOT_CHECKED = 77;

/** Step checks one thing; it throws where that is not well, with what the tool said. */
export type Step<Context> = (context: Context) => Promise<void>;

/** runSteps runs all of them, whatever fails before, and gives the exit code. */
export async function runSteps<Context>(
  steps: Readonly<Record<string, Step<Context>>>,
  context: Context,
): Promise<0 | 1> {
  let failed = 0;
  for (const [name, step] of Object.entries(steps)) {
    const startedAt = performance.now();
    const error = await step(context).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error !== undefined) failed += 1;
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    process.stdout.write(`${error === undefined ? "✓" : "✗"} ${name} (${seconds} s)\n`);
    if (error !== undefined) process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  return failed === 0 ? 0 : 1;
}
