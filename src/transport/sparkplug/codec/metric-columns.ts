/** Flags of a metric as it is on the wire. */
export const MetricFlag = { historical: 1, transient: 2, null: 4 } as const;

/**
 * A decoded payload with its metrics as columns, reused from message to message. Sub-messages, texts and bytes stay slices
 * of `bytes` until someone asks for them.
 */
export class MetricColumns {
  /** The buffer that all ranges refer to; more than the message lies in it. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Epoch ms; NaN when absent. */
  timestamp = Number.NaN;
  /** 0 when absent, as proto3 encoders drop zeros. */
  seq = 0;
  hasSeq = false;
  uuid: string | undefined;
  bodyStart = 0;
  bodyEnd = 0;
  /** Number of metrics; entries beyond it are left-overs. */
  size = 0;
  /** Empty text: no name on the wire. */
  readonly names: string[] = [];
  /** -1: no alias on the wire. */
  aliases: Float64Array;
  /** Epoch ms; NaN when absent. */
  times: Float64Array;
  /** 0: no datatype on the wire. */
  datatypes: Uint32Array;
  flags: Uint8Array;
  /** WireKind: the field that carries the value. */
  kinds: Uint8Array;
  /** Value of float and double fields. */
  numbers: Float64Array;
  /** Lower 32 bits of int, long and boolean fields; start of the bytes of the other ones. */
  lows: Uint32Array;
  /** Upper 32 bits of long fields; end of the bytes of the other ones. */
  highs: Uint32Array;
  /** Range of the PropertySet; end 0: none. */
  propertyStarts: Uint32Array;
  propertyEnds: Uint32Array;
  /** Range of the MetaData; end 0: none. */
  metadataStarts: Uint32Array;
  metadataEnds: Uint32Array;

  constructor(capacity = 64) {
    this.aliases = new Float64Array(capacity);
    this.times = new Float64Array(capacity);
    this.datatypes = new Uint32Array(capacity);
    this.flags = new Uint8Array(capacity);
    this.kinds = new Uint8Array(capacity);
    this.numbers = new Float64Array(capacity);
    this.lows = new Uint32Array(capacity);
    this.highs = new Uint32Array(capacity);
    this.propertyStarts = new Uint32Array(capacity);
    this.propertyEnds = new Uint32Array(capacity);
    this.metadataStarts = new Uint32Array(capacity);
    this.metadataEnds = new Uint32Array(capacity);
  }

  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.timestamp = Number.NaN;
    this.seq = 0;
    this.hasSeq = false;
    this.uuid = undefined;
    this.bodyStart = 0;
    this.bodyEnd = 0;
    this.size = 0;
  }

  /** Makes room for a metric and returns its index; what is there is left over from before. */
  push(): number {
    const i = this.size;
    if (i === this.kinds.length) this.#grow();
    this.size = i + 1;
    return i;
  }

  /** A metric without name, alias, time, type, value, properties. */
  clear(i: number): void {
    this.names[i] = "";
    this.aliases[i] = -1;
    this.times[i] = Number.NaN;
    this.datatypes[i] = 0;
    this.flags[i] = 0;
    this.kinds[i] = 0;
    this.propertyEnds[i] = 0;
    this.metadataEnds[i] = 0;
  }

  setNumber(i: number, kind: number, value: number): void {
    this.kinds[i] = kind;
    this.numbers[i] = value;
  }

  setBits(i: number, kind: number, low: number, high: number): void {
    this.kinds[i] = kind;
    this.lows[i] = low;
    this.highs[i] = high;
  }

  #grow(): void {
    const grown = new MetricColumns(this.kinds.length * 2);
    grown.aliases.set(this.aliases);
    grown.times.set(this.times);
    grown.datatypes.set(this.datatypes);
    grown.flags.set(this.flags);
    grown.kinds.set(this.kinds);
    grown.numbers.set(this.numbers);
    grown.lows.set(this.lows);
    grown.highs.set(this.highs);
    grown.propertyStarts.set(this.propertyStarts);
    grown.propertyEnds.set(this.propertyEnds);
    grown.metadataStarts.set(this.metadataStarts);
    grown.metadataEnds.set(this.metadataEnds);
    this.aliases = grown.aliases;
    this.times = grown.times;
    this.datatypes = grown.datatypes;
    this.flags = grown.flags;
    this.kinds = grown.kinds;
    this.numbers = grown.numbers;
    this.lows = grown.lows;
    this.highs = grown.highs;
    this.propertyStarts = grown.propertyStarts;
    this.propertyEnds = grown.propertyEnds;
    this.metadataStarts = grown.metadataStarts;
    this.metadataEnds = grown.metadataEnds;
  }
}
