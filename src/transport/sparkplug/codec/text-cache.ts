const slotCount = 4096;
const slotBytes = 64;

/**
 * Turns UTF-8 bytes into strings and remembers the short ones, so that a metric name that returns in each message is the
 * same string object and costs no allocation. Direct-mapped: a collision replaces the older text, memory never grows.
 */
export class TextCache {
  /** Where the last text is kept; -1 when it was too short or too long to be kept. A hint for the next message. */
  slot = -1;
  readonly #texts: string[] = Array.from({ length: slotCount }, () => "");
  readonly #lengths = new Uint8Array(slotCount);
  readonly #bytes = new Uint8Array(slotCount * slotBytes);
  readonly #held = new DataView(this.#bytes.buffer);

  /** The text of the bytes [start, end) of `view`; invalid UTF-8 becomes U+FFFD. `hint`: the slot it was in last time. */
  text(view: DataView, start: number, end: number, hint: number): string {
    const length = end - start;
    if (hint >= 0 && this.#lengths[hint] === length && this.#holds(hint, view, start, end)) {
      this.slot = hint;
      return this.#texts[hint] ?? "";
    }
    return this.#find(view, start, end);
  }

  #find(view: DataView, start: number, end: number): string {
    const length = end - start;
    this.slot = -1;
    if (length === 0) return "";
    if (length > slotBytes) return decodeUtf8(view, start, end);
    const slot = slotOf(view, start, end);
    this.slot = slot;
    if (this.#lengths[slot] === length && this.#holds(slot, view, start, end)) return this.#texts[slot] ?? "";
    const text = decodeUtf8(view, start, end);
    this.#texts[slot] = text;
    this.#lengths[slot] = length;
    this.#bytes.set(new Uint8Array(view.buffer, view.byteOffset + start, length), slot * slotBytes);
    return text;
  }

  // Four bytes at a time: names are most of what a message without aliases consists of.
  #holds(slot: number, view: DataView, start: number, end: number): boolean {
    const held = this.#held;
    let at = slot * slotBytes;
    let i = start;
    for (; i + 4 <= end; i += 4, at += 4) if (view.getInt32(i) !== held.getInt32(at)) return false;
    for (; i < end; i += 1, at += 1) if (view.getUint8(i) !== held.getUint8(at)) return false;
    return true;
  }
}

// FNV-1a over words; the upper bits are folded in because only the lower twelve choose the slot.
function slotOf(view: DataView, start: number, end: number): number {
  let hash = 0x811c9dc5;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    hash = Math.imul(hash ^ view.getInt32(i), 0x01000193);
    hash ^= hash >>> 15;
  }
  for (; i < end; i += 1) hash = Math.imul(hash ^ view.getUint8(i), 0x01000193);
  hash ^= hash >>> 17;
  return (hash ^ (hash >>> 9)) & (slotCount - 1);
}

/** UTF-8 text of a byte range; invalid sequences become U+FFFD. */
export function decodeUtf8(view: DataView, start: number, end: number): string {
  return Buffer.from(view.buffer, view.byteOffset + start, end - start).toString("utf8");
}
