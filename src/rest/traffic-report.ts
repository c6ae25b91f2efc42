import type { Static } from "typebox";
import { rejectionReasons } from "#fleet/ports.ts";
import { type ReasonCounts, type SourceTraffic, type Traffic, type TrafficTotals, totalOf } from "#fleet/traffic.ts";
import { protocols } from "#model/protocol.ts";
import type * as schema from "./schemas/traffic.ts";

/** Sources with trouble that one answer lists. */
const maxTroubled = 100;

/** What came in and what became of it, as JSON: `messages` = `accepted` + `rejected` + `pending`, in all and by protocol. */
export function trafficReport(traffic: Traffic): Static<typeof schema.Traffic> {
  return {
    ...totalsReport(traffic),
    protocols: Object.fromEntries(
      protocols.flatMap((protocol) => {
        const totals = traffic.over(protocol);
        return totals === undefined ? [] : [[protocol, totalsReport(totals)]];
      }),
    ),
    troubled: troubledSources(traffic),
  };
}

/** The same of one device, or of one topic that is none. */
export function sourceReport(
  source: string,
  { accepted, rejected, flawed, lastProblem }: SourceTraffic,
): Static<typeof schema.SourceTraffic> {
  return {
    source,
    accepted,
    rejected: totalOf(rejected),
    rejectedByReason: occurring(rejected),
    flawedByReason: occurring(flawed),
    lastProblem: lastProblem ?? null,
  };
}

function totalsReport(totals: TrafficTotals): Static<typeof schema.TrafficTotals> {
  const { messages, accepted, rejectedTotal, pending, samples, rejected, flawed } = totals;
  return {
    messages,
    accepted,
    rejected: rejectedTotal,
    pending,
    values: samples,
    rejectedByReason: occurring(rejected),
    flawedByReason: occurring(flawed),
  };
}

/** The sources with the most trouble, the worst first. */
function troubledSources(traffic: Traffic): Static<typeof schema.SourceTraffic>[] {
  const troubled: { readonly source: string; readonly counts: SourceTraffic; readonly troubles: number }[] = [];
  for (const [source, counts] of traffic.sources()) {
    if (counts.lastProblem === undefined) continue;
    troubled.push({ source, counts, troubles: totalOf(counts.rejected) + totalOf(counts.flawed) });
  }
  troubled.sort((a, b) => b.troubles - a.troubles);
  return troubled.slice(0, maxTroubled).map(({ source, counts }) => sourceReport(source, counts));
}

function occurring(counts: Readonly<ReasonCounts>): Record<string, number> {
  return Object.fromEntries(
    rejectionReasons.flatMap((reason) => (counts[reason] > 0 ? [[reason, counts[reason]]] : [])),
  );
}
