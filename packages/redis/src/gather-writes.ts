/** Commands given in one turn of the event loop leave in one write: a system call costs more than most commands do. */
import type { Redis } from "ioredis";

/**
 * gatherWrites makes `redis` hold back what it writes until the turn's own work is done, and no longer: the microtasks
 * that follow one reply, or one batch of jobs. The driver's autopipelining waits for the next turn, which is felt where
 * little is going on.
 */
export function gatherWrites(redis: Redis): void {
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, stream) => {
    const socket = redis.stream;
    // There is none before the first connection.
    if (socket !== undefined && socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    return send(command, stream);
  };
}
