import { setTimeout as sleep } from "node:timers/promises";

const pollMs = 25;

/**
 * Polls until `probe` gives a value; throws with `what` when it takes longer than `timeoutMs`. What counts is the number
 * of polls, so that a machine that stands still for a while takes nothing from the time for what is waited for.
 */
export async function until<T>(
  what: string | (() => string),
  timeoutMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  for (let poll = 0; poll * pollMs <= timeoutMs; poll += 1) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    await sleep(pollMs);
  }
  throw new Error(`waited ${timeoutMs} ms in vain for ${typeof what === "string" ? what : what()}`);
}
