/**
 * What the profiles showed, and what was changed because of it. Entries change places from run to run; these came first
 * in each process.
 */
export const FINDINGS = `### What the profiles showed, and what was changed

Ingress:

1. *Writing to sockets* (\`writeUtf8String\`). Half of it is answers to callers, one write each, which cannot be joined.
   The other half is Redis commands: those of one turn of the event loop leave in one write. Records and jobs share a
   connection, so that one write carries new records and the jobs of those just written. Each handoff has a channel of
   its own, to which ingress subscribes while a request waits for the handoff's end; before, every ingress read a
   message for every handoff that ended. *Tried and rejected*: holding commands back until all sockets of a turn are
   read. The cost stayed the same within the noise of two turns, and the tails were longer.
2. *Promises and timers* (\`runMicrotasks\`, the garbage collector). One repeating timer watches the time limits of all
   commands; before, each command had its own. A new record is not read back, and the script that wrote it does not send
   it back. A cached token and connector are there without a promise, so a request is authenticated in the turn in which
   it came.
3. *Sealing* (\`createCipherBase\`, \`update\`). Nonces come from random bytes that are drawn for many at once. What is
   left is AES-GCM, once for the parameters and once for a context.
4. *Many small things*: no function of ours takes a hundredth of the time by itself.
   - Whether a route takes a body is found out once, not by a schema that fails for each request.
   - Parameters are encoded for their length only where they could be too long.
   - Fields of an object come before what is spread into it: V8 defines those behind it by a call each.
   - Lines of the log are searched for secrets only where one may begin, and joined before they are written.

   Together with the worker's changes they save a quarter of ingress's CPU and a fifth of the worker's, by eight
   alternating turns of the builds before and after.

Worker:

1. *Writing the request to CXone* (\`writeLatin1String\`). Head and body leave in one write, on a connection that is
   kept. What is left is the system call.
2. *Writing to Redis* (\`writeUtf8String\`). One claim takes up to 32 handoffs; the settlements of one turn of the event
   loop go in one script, 32 at most.
3. *Making the request* (\`_request\`, \`mergeConfig\`, \`_resume\`). axios sends through undici, by an adapter of ours,
   and has none of its transforms, redirects and defaults, which it would merge anew for each request. It is given no
   headers either, which it would copy and normalize four times: the adapter has them. A request in a loop takes 4.7
   µs; it took 14.0.

Redis costs more than either process. Two thirds of a script's time are Lua's own, not its commands'. Redis keeps each
record in one piece (ADR 16), which is quicker to read and write. The steps of a handoff that each wrote a little now
write once, and parameters are removed as soon as they cannot be sent any more. *Tried and rejected*: Redis functions,
which save 2 of a script's 15 microseconds, and one packed value in place of a record's hash (ADR 16).`;
