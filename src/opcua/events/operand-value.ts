import {
  coerceNodeId,
  DataType,
  LocalizedText,
  NodeId,
  QualifiedName,
  StatusCode,
  sameNodeId,
  Variant,
  VariantArrayType,
} from "node-opcua";

/** Answers of the three-valued logic of OPC 10000-4, 7.7.3. */
export const yes = new Variant({ dataType: DataType.Boolean, value: true });
export const no = new Variant({ dataType: DataType.Boolean, value: false });
export const unknown = new Variant();

export function truthOf(value: boolean | undefined): Variant {
  if (value === undefined) return unknown;
  return value ? yes : no;
}

export function isNull(variant: Variant): boolean {
  return variant.dataType === DataType.Null || variant.value === null || variant.value === undefined;
}

/** The truth of an operand; undefined for NULL and whatever cannot be taken for a Boolean. */
export function booleanOf(variant: Variant): boolean | undefined {
  const value: unknown = convert(variant, DataType.Boolean)?.value;
  return typeof value === "boolean" ? value : undefined;
}

/** Types in the order in which operands of different types are brought to one of them (OPC 10000-4, 7.7.3, Table 122). */
const precedence: readonly DataType[] = [
  DataType.Double,
  DataType.Float,
  DataType.Int64,
  DataType.UInt64,
  DataType.Int32,
  DataType.UInt32,
  DataType.StatusCode,
  DataType.Int16,
  DataType.UInt16,
  DataType.SByte,
  DataType.Byte,
  DataType.Boolean,
  DataType.Guid,
  DataType.String,
  DataType.ExpandedNodeId,
  DataType.NodeId,
  DataType.LocalizedText,
  DataType.QualifiedName,
];

/** -1, 0 or 1; undefined where the two cannot be compared, which makes every comparison FALSE (OPC 10000-4, 7.7.3). */
export function order(a: Variant, b: Variant): -1 | 0 | 1 | undefined {
  const pair = alike(a, b);
  if (pair === undefined) return undefined;
  const [left, right] = [orderable(pair[0]), orderable(pair[1])];
  if (left === undefined || right === undefined || typeof left !== typeof right) return orderOfMixed(left, right);
  if (left < right) return -1;
  return left > right ? 1 : 0;
}

export function isEqual(a: Variant, b: Variant): boolean {
  const pair = alike(a, b);
  if (pair === undefined) return false;
  const [left, right] = pair;
  if (left.value instanceof NodeId && right.value instanceof NodeId) return sameNodeId(left.value, right.value);
  if (left.value instanceof QualifiedName && right.value instanceof QualifiedName) {
    return left.value.namespaceIndex === right.value.namespaceIndex && left.value.name === right.value.name;
  }
  return order(left, right) === 0;
}

/** A 64-bit integer beside a plain number. */
function orderOfMixed(left: Orderable | undefined, right: Orderable | undefined): -1 | 0 | 1 | undefined {
  const isNumeric = (value: unknown): value is number | bigint =>
    typeof value === "number" || typeof value === "bigint";
  if (!isNumeric(left) || !isNumeric(right)) return undefined;
  if (left < right) return -1;
  return left > right ? 1 : 0;
}

type Orderable = number | bigint | string;

function orderable(variant: Variant): Orderable | undefined {
  const value: unknown = variant.value;
  if (typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "boolean") return Number(value);
  if (value instanceof Date) return value.getTime();
  if (value instanceof StatusCode) return value.value;
  if (value instanceof NodeId) return value.toString();
  if (Buffer.isBuffer(value)) return value.toString("hex");
  if (value instanceof LocalizedText) return value.text ?? "";
  if (value instanceof QualifiedName) return value.name ?? "";
  return bigIntOf(variant);
}

/** The 64-bit integer in a Variant: node-opcua holds it as two 32-bit halves. */
export function bigIntOf({ dataType, value }: Variant): bigint | undefined {
  const halves: unknown = value;
  if (!Array.isArray(halves)) return undefined;
  const [high, low] = halves as unknown[];
  if (typeof high !== "number" || typeof low !== "number") return undefined;
  const bits = (BigInt(high) << 32n) | BigInt(low);
  return dataType === DataType.Int64 ? BigInt.asIntN(64, bits) : BigInt.asUintN(64, bits);
}

/** Both as one type: the one that goes before the other. */
function alike(a: Variant, b: Variant): readonly [Variant, Variant] | undefined {
  if (isNull(a) || isNull(b) || isArray(a) || isArray(b)) return undefined;
  if (a.dataType === b.dataType) return [a, b];
  const [rankA, rankB] = [precedence.indexOf(a.dataType), precedence.indexOf(b.dataType)];
  if (rankA < 0 || rankB < 0) return undefined;
  if (rankA < rankB) {
    const converted = convert(b, a.dataType);
    return converted === undefined ? undefined : [a, converted];
  }
  const converted = convert(a, b.dataType);
  return converted === undefined ? undefined : [converted, b];
}

function isArray(variant: Variant): boolean {
  return variant.arrayType !== VariantArrayType.Scalar;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

const integerRanges: ReadonlyMap<DataType, Range> = new Map([
  [DataType.SByte, { low: -128, high: 127 }],
  [DataType.Byte, { low: 0, high: 255 }],
  [DataType.Int16, { low: -32_768, high: 32_767 }],
  [DataType.UInt16, { low: 0, high: 65_535 }],
  [DataType.Int32, { low: -2_147_483_648, high: 2_147_483_647 }],
  [DataType.UInt32, { low: 0, high: 4_294_967_295 }],
]);

/** What a conversion to this type gives; undefined where there is none (OPC 10000-4, 7.7.3, Table 123). */
export function convert(variant: Variant, dataType: DataType): Variant | undefined {
  if (isNull(variant) || isArray(variant)) return undefined;
  if (variant.dataType === dataType) return variant;
  const value = convertedValue(variant, dataType);
  return value === undefined ? undefined : new Variant({ dataType, arrayType: VariantArrayType.Scalar, value });
}

function convertedValue(variant: Variant, dataType: DataType): unknown {
  const range = integerRanges.get(dataType);
  if (range !== undefined) return integerIn(range, variant);
  switch (dataType) {
    case DataType.Double:
    case DataType.Float:
      return numberOf(variant);
    case DataType.Int64:
    case DataType.UInt64:
      return halvesOf(variant, dataType);
    case DataType.Boolean:
      return truthIn(variant);
    case DataType.String:
      return textOf(variant);
    case DataType.LocalizedText:
      return textOf(variant) === undefined ? undefined : { text: textOf(variant) };
    case DataType.QualifiedName:
      return variant.dataType === DataType.String ? { namespaceIndex: 0, name: textOf(variant) } : undefined;
    case DataType.Guid:
      return typeof variant.value === "string" && guidPattern.test(variant.value) ? variant.value : undefined;
    case DataType.NodeId:
    case DataType.ExpandedNodeId:
      return nodeIdIn(variant);
    case DataType.DateTime:
      return dateIn(variant);
    default:
      return undefined;
  }
}

const guidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function numberOf(variant: Variant): number | undefined {
  if (variant.dataType === DataType.DateTime) return undefined;
  const plain = orderable(variant);
  if (typeof plain !== "string") return plain === undefined ? undefined : Number(plain);
  return variant.dataType === DataType.String ? numberIn(plain) : undefined;
}

function numberIn(text: string): number | undefined {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isNaN(number) ? undefined : number;
}

function integerIn({ low, high }: Range, variant: Variant): number | undefined {
  const number = numberOf(variant);
  if (number === undefined) return undefined;
  const rounded = Math.round(number);
  return rounded < low || rounded > high ? undefined : rounded;
}

function halvesOf(variant: Variant, dataType: DataType): [number, number] | undefined {
  const number = numberOf(variant);
  if (number === undefined || !Number.isFinite(number)) return undefined;
  const big = orderable(variant);
  const whole = typeof big === "bigint" ? big : BigInt(Math.round(number));
  if (dataType === DataType.UInt64 && whole < 0n) return undefined;
  const bits = BigInt.asUintN(64, whole);
  return [Number(bits >> 32n), Number(bits & 0xffffffffn)];
}

function truthIn(variant: Variant): boolean | undefined {
  if (variant.dataType === DataType.String) {
    const text = String(variant.value).toLowerCase();
    if (text === "true" || text === "1") return true;
    return text === "false" || text === "0" ? false : undefined;
  }
  const number = numberOf(variant);
  return number === undefined ? undefined : number !== 0;
}

function textOf(variant: Variant): string | undefined {
  const { dataType } = variant;
  const value: unknown = variant.value;
  if (value instanceof Date) return value.toISOString();
  if (dataType === DataType.ByteString || dataType === DataType.StatusCode) return undefined;
  const plain = orderable(variant);
  if (typeof value === "boolean") return String(value);
  return plain === undefined ? undefined : String(plain);
}

function nodeIdIn({ value }: Variant): NodeId | undefined {
  if (value instanceof NodeId) return value;
  if (typeof value !== "string") return undefined;
  try {
    return coerceNodeId(value);
  } catch {
    return undefined;
  }
}

function dateIn({ value }: Variant): Date | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}
