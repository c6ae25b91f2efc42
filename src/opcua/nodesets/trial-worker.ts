import { parentPort, workerData } from "node:worker_threads";
import { AddressSpace, generateAddressSpace, setErrorLogger, setWarningLogger } from "node-opcua";
import { isTrialRequest, type TrialCandidate, type TrialOutcome, type TrialRequest } from "./trial-messages.ts";

// What is wrong comes back as the outcome; node-opcua would also print it.
setErrorLogger(() => {});
setWarningLogger(() => {});

/** Loads files into an address space of its own; gives the cause when they do not load. */
async function causeOf(files: readonly string[]): Promise<string | undefined> {
  const addressSpace = AddressSpace.create();
  try {
    addressSpace.registerNamespace("urn:trial");
    await generateAddressSpace(addressSpace, [...files]);
    return undefined;
  } catch (error) {
    return briefly(error);
  } finally {
    addressSpace.dispose();
  }
}

/** node-opcua wraps the cause and appends dumps of nodes to it: the first line of the innermost error says it. */
function briefly(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return briefly(error.cause);
  return error.message.split("\n", 1)[0]?.trim() ?? "";
}

async function tryAll({ base, candidates }: TrialRequest): Promise<TrialOutcome> {
  const files = [...base, ...candidates.map((candidate) => candidate.file)];
  if ((await causeOf(files)) === undefined) return { files, failures: [] };
  return tryEach(base, candidates);
}

async function tryEach(base: readonly string[], candidates: readonly TrialCandidate[]): Promise<TrialOutcome> {
  const files = [...base];
  const failures: TrialOutcome["failures"][number][] = [];
  for (const { file, replaced } of candidates) {
    const cause = await causeOf([...files, file]);
    if (cause === undefined) {
      files.push(file);
    } else {
      failures.push({ file, cause });
      files.push(...replaced);
    }
  }
  return { files, failures };
}

const request: unknown = workerData;
if (isTrialRequest(request)) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of worker_threads, not a window
  parentPort?.postMessage(await tryAll(request));
}
