import { createHmac } from "node:crypto";
import type { Clock } from "#lib/clock.ts";
import { messageOf } from "#model/errors.ts";
import { type OutboxMessage, Undeliverable } from "./outbox.ts";

export interface WebhookParts {
  readonly url: string;
  /** Signs each post; undefined = unsigned. */
  readonly secret: string | undefined;
  readonly clock: Clock;
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

/** What a receiver may say when it is only busy. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Posts each message as JSON. `X-FDI-Signature: sha256=HEX` is the HMAC-SHA-256 of `TIMESTAMP.BODY` with the secret, where
 * TIMESTAMP is the header `X-FDI-Timestamp` (epoch seconds): a receiver that checks both cannot be given old posts again.
 * `X-FDI-Event-Id` tells a repeated post. Errors name the origin only: the path of a webhook is often its password. Rejects for no answer, 5xx, 408, 425 and 429, with Undeliverable for other
 * refusals.
 */
export function webhookDelivery({
  url,
  secret,
  clock,
  timeoutMs = 10_000,
}: WebhookParts): (messages: readonly OutboxMessage[], signal: AbortSignal) => Promise<void> {
  return async (messages, signal) => {
    for (const { id, body } of messages) {
      const timestamp = String(Math.floor(clock.now() / 1_000));
      const headers: Record<string, string> = {
        "content-type": "application/json",
        "user-agent": "fdi-host",
        "x-fdi-event-id": id,
        "x-fdi-timestamp": timestamp,
      };
      if (secret !== undefined) headers["x-fdi-signature"] = `sha256=${signatureOf(secret, timestamp, body)}`;
      const both = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const response = await post(url, { method: "POST", headers, body, signal: both, redirect: "error" });
      await response.body?.cancel();
      if (response.ok) continue;
      const text = `${placeOf(url)} answered ${response.status}`;
      throw response.status >= 500 || passing.has(response.status) ? new Error(text) : new Undeliverable(text);
    }
  };
}

async function post(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Error(`${placeOf(url)}: ${messageOf(cause)}`, { cause: error });
  }
}

function placeOf(url: string): string {
  return URL.parse(url)?.origin ?? "the configured address";
}

/** HMAC-SHA-256 of `TIMESTAMP.BODY` in hexadecimal digits. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
}
