/**
 * What was read from the profiles, and done about it. Entries change places from run to run; these were the first ones
 * of each process.
 */
export const READING = `### What was read from it, and done

Ingress:

1. *Writing to sockets* (\`writeUtf8String\`), a quarter of its time. Half of it are the answers to callers, one each:
   nothing to gather. The other
   half are Redis's commands: those of one turn of the event loop leave in one write, and jobs go on the connection of
   the records, so that
   one write carries new records and the jobs of those just written. A message for each handoff that ended, read by
   every ingress, is gone: a
   handoff has a channel of its own, subscribed to while a request waits. *Tried and left*: holding commands until all
   sockets of a turn are
   read. The cost stayed the same within what two turns tell, and the tails were longer.
2. *Promises and timers* (\`runMicrotasks\`, the garbage collector). A command had a timer of its own; now one tick
   looks after all of them.
   A new record is no longer read back, nor sent back by the script that wrote it.
3. *Sealing* (\`createCipherBase\`, \`update\`). Nonces come from bytes that are drawn for many at once. What is left is
   AES-GCM, once for the
   parameters and once for a context.

Worker:

1. *Writing the request to CXone* (\`writeLatin1String\`): head and body in one write, connections kept. What is left is
   the system call.
2. *Writing to Redis* (\`writeUtf8String\`): as with ingress; jobs are taken up to 32 at a time and finished every 50 ms
   together.
3. *The request's own machinery* (\`ClientRequest\`, \`mergeConfig\`): axios runs on an adapter of ours, without its
   transforms and redirects, and without its
   defaults, which it merged anew for each request: 15 microseconds of its own, 8 without.

Redis, which costs more than either: two thirds of a script's time are Lua's own, not its commands'. Records that Redis
keeps in one piece
(ADR 16) read and write quicker and fit its caches; what a handoff's steps wrote one after the other is written once;
parameters go as soon as
they cannot be sent any more. *Tried and left*: Redis functions (2 of 15 microseconds a script), and one packed value in
place of a record's hash
(ADR 16).`;
