/** What the senders of handoffs were answered, where that is worth a write: with the record, for operators. */
import type { SenderAnswer } from "@baton/domain";
import { createBatcher } from "@baton/redis/batches";
import { createListScript, readText } from "@baton/redis/script";
import { requireShardTag, type Shards } from "@baton/redis/shards";

/** RecordedAnswer is an answer that was sent now. */
export interface RecordedAnswer extends Omit<SenderAnswer, "at"> {
  readonly handoffId: string;
}

/** createRecordAnswer writes the answers of one turn together. Throws when Redis cannot be reached, or is full. */
export function createRecordAnswer(shards: Shards): (answer: RecordedAnswer) => Promise<void> {
  const record = createListScript(import.meta, "record-answers");
  const recordEach = createBatcher<RecordedAnswer, true | Error>({
    schedule: setImmediate,
    async run(tag, answers) {
      const replies = await record(shards.redis, tag, answers.flatMap(argumentsOf));
      return answers.map((_, i) =>
        readText(replies, i) === "" ? true : new Error(`not recorded: ${readText(replies, i)}`),
      );
    },
  });
  return async (answer) => void (await recordEach(requireShardTag(shards, "ho", answer.handoffId), answer));
}

function argumentsOf({ handoffId, status, afterMs, waitMs }: RecordedAnswer): readonly (string | number)[] {
  return [handoffId, status, afterMs, waitMs ?? ""];
}
