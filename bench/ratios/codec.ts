import { compareCodecs } from "#bench/codec/compare-codecs.ts";

/** Our codec against sparkplug-payload, in values per second of processor time. */
export function codecRatios() {
  const named = compareCodecs(50, true);
  const alias = compareCodecs(20, false);
  return Promise.resolve({
    decodeNamedRatio: named.decode.ratio,
    decodeAliasRatio: alias.decode.ratio,
    encodeRatio: Math.min(named.encode.ratio, alias.encode.ratio),
  });
}
