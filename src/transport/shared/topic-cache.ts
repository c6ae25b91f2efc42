const cacheSize = 65_536;

/** Parses each valid topic once; the memory of topics seen is dropped when it is full. */
export class TopicCache<T> {
  readonly #parse: (topic: string) => T | undefined;
  readonly #known = new Map<string, T>();

  constructor(parse: (topic: string) => T | undefined) {
    this.#parse = parse;
  }

  parse(topic: string): T | undefined {
    const known = this.#known.get(topic);
    if (known !== undefined) return known;
    const parsed = this.#parse(topic);
    if (parsed === undefined) return undefined;
    if (this.#known.size === cacheSize) this.#known.clear();
    this.#known.set(topic, parsed);
    return parsed;
  }
}
