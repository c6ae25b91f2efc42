import { Worker } from "node:worker_threads";
import type { TrialOutcome, TrialRequest } from "./trial-messages.ts";

/**
 * Loads NodeSet files on trial in a worker thread, because a load that fails half-way leaves an address space unusable.
 * Throws an Error when the worker does not come to an end within `timeoutMs`.
 */
export async function tryNodesets(request: TrialRequest, timeoutMs: number): Promise<TrialOutcome> {
  const done = Promise.withResolvers<TrialOutcome>();
  const worker = new Worker(new URL("./trial-worker.ts", import.meta.url), { workerData: request });
  worker.once("message", (outcome: TrialOutcome) => done.resolve(outcome));
  worker.once("error", (error) => done.reject(error));
  worker.once("exit", (code) => done.reject(new Error(`the trial ended early with code ${code}`)));
  const deadline = setTimeout(() => done.reject(new Error(`no end after ${timeoutMs} ms`)), timeoutMs);
  try {
    return await done.promise;
  } finally {
    clearTimeout(deadline);
    await worker.terminate();
  }
}
