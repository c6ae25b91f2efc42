/** An engineering unit: a UN/CEFACT Recommendation 20 common code and what people read. */
export interface Unit {
  readonly code: string;
  readonly symbol: string;
  readonly name: string;
}

const table: readonly (readonly [code: string, symbol: string, name: string])[] = [
  ["AMP", "A", "ampere"],
  ["4K", "mA", "milliampere"],
  ["B22", "kA", "kiloampere"],
  ["VLT", "V", "volt"],
  ["2Z", "mV", "millivolt"],
  ["KVT", "kV", "kilovolt"],
  ["WTT", "W", "watt"],
  ["KWT", "kW", "kilowatt"],
  ["MAW", "MW", "megawatt"],
  ["D44", "var", "var"],
  ["KVR", "kvar", "kilovar"],
  ["D46", "V·A", "volt-ampere"],
  ["KVA", "kV·A", "kilovolt-ampere"],
  ["WHR", "W·h", "watt hour"],
  ["KWH", "kW·h", "kilowatt hour"],
  ["MWH", "MW·h", "megawatt hour"],
  ["K3", "kvar·h", "kilovar hour"],
  ["HTZ", "Hz", "hertz"],
  ["CEL", "°C", "degree Celsius"],
  ["KEL", "K", "kelvin"],
  ["P1", "%", "percent"],
  ["C62", "1", "one"],
  ["DD", "°", "degree"],
  ["SEC", "s", "second"],
  ["C26", "ms", "millisecond"],
  ["MIN", "min", "minute"],
  ["HUR", "h", "hour"],
  ["DAY", "d", "day"],
  ["OHM", "Ω", "ohm"],
  ["KGM", "kg", "kilogram"],
  ["BAR", "bar", "bar"],
  ["A97", "hPa", "hectopascal"],
  ["PAL", "Pa", "pascal"],
  ["A97", "hPa", "hectopascal"],
  ["MTS", "m/s", "metre per second"],
  ["C16", "mm/s", "millimetre per second"],
  ["LUX", "lx", "lux"],
  ["59", "ppm", "part per million"],
  ["DBM", "dBm", "decibel-milliwatts"],
  ["AD", "B", "byte"],
  ["2P", "kB", "kilobyte"],
  ["4L", "MB", "megabyte"],
];

/** Every unit that packages may name, by UN/CEFACT code. */
export const units: ReadonlyMap<string, Unit> = new Map(
  table.map(([code, symbol, name]) => [code, { code, symbol, name }]),
);

/** How else units are written, by the code of the unit. */
const otherWords: Readonly<Record<string, string>> = {
  VAR: "D44",
  VAr: "D44",
  kVAR: "KVR",
  kVAr: "KVR",
  VA: "D46",
  kVA: "KVA",
  Wh: "WHR",
  kWh: "KWH",
  MWh: "MWH",
  C: "CEL",
  "%RH": "P1",
  hours: "HUR",
};

const unitsByWord = new Map<string, Unit>(
  [...units.values()]
    .toReversed()
    .flatMap((unit) => [
      [unit.name.toLowerCase(), unit] as const,
      [unit.code, unit] as const,
      [unit.symbol.replaceAll("·", ""), unit] as const,
      [unit.symbol, unit] as const,
    ]),
);
for (const [word, code] of Object.entries(otherWords)) {
  const unit = units.get(code);
  if (unit !== undefined) unitsByWord.set(word, unit);
}

/** The unit that somebody calls so: by its symbol (with or without dots), common code or name; undefined when it is none. */
export function unitNamed(word: string): Unit | undefined {
  return unitsByWord.get(word) ?? unitsByWord.get(word.toLowerCase());
}

/**
 * The UnitId of OPC UA's EUInformation for a UN/CEFACT code: its characters as big-endian bytes (OPC 10000-8, 5.6.3.3).
 */
export function unitIdOf(code: string): number {
  let id = 0;
  for (let i = 0; i < code.length; i += 1) id = id * 256 + code.charCodeAt(i);
  return id;
}
