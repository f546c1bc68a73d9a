/**
 * zod would try out whether it may compile code: the policy forbids it, and the browser would complain. It tries when a
 * schema is made, so this is imported before any.
 */
import { config } from "zod";

config({ jitless: true });
