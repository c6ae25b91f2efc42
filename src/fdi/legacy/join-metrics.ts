import type { PointDeclaration } from "./legacy-point.ts";
import type { SparkplugMetric } from "./read-protocols.ts";
import { identifierOf } from "./vocabulary.ts";

/** A metric whose quantity is called otherwise elsewhere, beyond what the rules find. */
const knownPairs: ReadonlyMap<string, string> = new Map([["Device/Model", "ModelNumber"]]);

export interface JoinedMetrics {
  readonly points: readonly PointDeclaration[];
  /** One sentence for each decision that the file itself does not make. */
  readonly notes: readonly { readonly offset: number; readonly message: string }[];
}

/**
 * Finds the quantity behind each Sparkplug metric: the one of the same name, else the one named folder + name
 * (`Breaker/Status` is `BreakerStatus`); a metric without one declares its own.
 */
export function joinMetrics(points: readonly PointDeclaration[], metrics: readonly SparkplugMetric[]): JoinedMetrics {
  const names = new Set(points.map(({ name }) => name));
  const notes: { offset: number; message: string }[] = [];
  const joined = metrics.map((metric): PointDeclaration => {
    const [folder = "", ...rest] = metric.name.split("/");
    const last = rest.at(-1) ?? folder;
    const candidates = [last, `${folder}${last}`, knownPairs.get(metric.name) ?? ""];
    const found = candidates.find((candidate) => names.has(candidate));
    if (found === undefined) {
      notes.push({ offset: metric.offset, message: `metric ${metric.name} is nowhere else: it becomes a parameter` });
    } else if (found !== last) {
      notes.push({ offset: metric.offset, message: `metric ${metric.name} is taken for ${found}` });
    }
    return declarationOf(metric, found ?? identifierOf(metric.name.replaceAll("/", "")), folder);
  });
  if (metrics.length === 0) return { points: joined, notes };
  const bound = new Set(joined.map(({ name }) => name));
  const ratings = points.filter(({ source, name }) => source === "device-parameter" && !bound.has(name));
  for (const { name, offset } of ratings)
    notes.push({ offset, message: `${name}: bound to the BIRTH metric Device/${name}` });
  // The old breakers list their ratings in the DBIRTH although their files do not say so.
  return { points: [...joined, ...ratings.map((rating) => birthMetricOf(rating))], notes };
}

function birthMetricOf(rating: PointDeclaration): PointDeclaration {
  return declarationOf(
    { name: `Device/${rating.name}`, type: rating.type, offset: rating.offset },
    rating.name,
    "Device",
  );
}

function declarationOf(metric: SparkplugMetric, name: string, folder: string): PointDeclaration {
  return {
    name,
    source: "metric",
    type: metric.type,
    units: "",
    range: undefined,
    defaultText: undefined,
    values: [],
    valuesAreTexts: false,
    description: "",
    group: folder === "Device" ? "Identification" : folder === "Protection" ? "Configuration" : "Operational",
    bindings: { sparkplug: metric.name },
    offset: metric.offset,
  };
}
