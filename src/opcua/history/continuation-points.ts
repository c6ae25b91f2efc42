import { createHmac, timingSafeEqual } from "node:crypto";

/** What a continuation point belongs to: it is worth nothing in another session, for another node or another question. */
export interface Binding {
  readonly session: string;
  readonly node: string;
  /** Digest of the details of the request. */
  readonly question: string;
}

const macBytes = 16;

/**
 * Continuation points of history answers (OPC 10000-11, 6.3): where to go on, signed. The client keeps them, the server
 * holds nothing, so there may be any number of them and they never expire while the session lives.
 */
export class ContinuationPoints {
  readonly #key: Buffer;

  /** `key`: 32 random bytes. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /** The digest of a question, for its bindings. */
  digest(question: Buffer): string {
    return createHmac("sha256", this.#key).update(question).digest("base64");
  }

  /** A continuation point at `place`: a few words or numbers. */
  at(place: string, binding: Binding): Buffer {
    const content = Buffer.from(place, "utf8");
    return Buffer.concat([this.#sign(content, binding), content]);
  }

  /** The place that `at` was given; undefined when the bytes are none of ours, or belong to something else. */
  placeOf(bytes: Buffer, binding: Binding): string | undefined {
    if (bytes.length <= macBytes) return undefined;
    const content = bytes.subarray(macBytes);
    const isOurs = timingSafeEqual(bytes.subarray(0, macBytes), this.#sign(content, binding));
    return isOurs ? content.toString("utf8") : undefined;
  }

  #sign(content: Buffer, { session, node, question }: Binding): Buffer {
    const mac = createHmac("sha256", this.#key);
    for (const part of [session, node, question]) mac.update(`${part.length}:${part}`);
    return mac.update(content).digest().subarray(0, macBytes);
  }
}
