/** Counting what handoffs were refused for. */
import { Refusal } from "@baton/domain";

/** countRefusals gives what `accept` gives; of what it throws, it tells the problem's slug first. */
export async function countRefusals<T>(onRefused: (reason: string) => void, accept: () => Promise<T>): Promise<T> {
  try {
    return await accept();
  } catch (error) {
    onRefused(error instanceof Refusal ? error.code : "internal");
    throw error;
  }
}
