/** What the senders of handoffs were answered, where that is worth a write: with the record, for operators. */
import type { SenderAnswer } from "@baton/domain";
import { createArgvLuaScript, readReplyText } from "@baton/redis/lua-script";
import { createShardBatcher } from "@baton/redis/shard-batcher";
import { requireShardTagOfId, type Shards } from "@baton/redis/shards";

/** RecordedAnswer is an answer that was sent now. */
export interface RecordedAnswer extends Omit<SenderAnswer, "at"> {
  readonly handoffId: string;
}

/**
 * createRecordSenderAnswer writes the answers of one turn together. Throws when Redis cannot be reached, or is full.
 */
export function createRecordSenderAnswer(shards: Shards): (answer: RecordedAnswer) => Promise<void> {
  const record = createArgvLuaScript(import.meta, "record-sender-answers-on-handoffs");
  const recordEach = createShardBatcher<RecordedAnswer, true | Error>({
    schedule: setImmediate,
    async run(tag, answers) {
      const replies = await record(shards.redis, tag, answers.flatMap(recordArgumentsOf));
      return answers.map((_, i) =>
        readReplyText(replies, i) === "" ? true : new Error(`not recorded: ${readReplyText(replies, i)}`),
      );
    },
  });
  return async (answer) => void (await recordEach(requireShardTagOfId(shards, "ho", answer.handoffId), answer));
}

function recordArgumentsOf({ handoffId, status, afterMs, waitMs }: RecordedAnswer): readonly (string | number)[] {
  return [handoffId, status, afterMs, waitMs ?? ""];
}
