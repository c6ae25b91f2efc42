/** Dialects of Sparkplug B, as data: which rules an edge node's group follows. */
export interface SparkplugProfile {
  /**
   * False: topics have no edge node (`spBv1.0/{group}/{type}/{device}`); there are no births of nodes, no deaths and no
   * rebirths, DATA may introduce a device and add metrics to it, and sequence gaps are only counted.
   */
  readonly hasEdgeNodes: boolean;
  /** False: an NDEATH without bdSeq is valid whatever the NBIRTH had. */
  readonly needsBdSeq: boolean;
  /** True: the host also announces itself as 2.2 wants it (`STATE/{hostId}`, text ONLINE and OFFLINE). */
  readonly hasTextState: boolean;
  /** False: datatype codes on the wire are unreliable, the package's type comes first. */
  readonly trustsDatatypes: boolean;
  /** When a device without deaths counts as silent: this many of its periods, but at least so long. */
  readonly silence: { readonly periods: number; readonly minMs: number } | undefined;
  /** Metrics that the members of a JSON message on a DATA topic stand for. */
  readonly eventMetrics: Readonly<Record<string, string>>;
}

export const profileNames = ["sparkplug-3.0", "sparkplug-2.2", "legacy-flat"] as const;

export type ProfileName = (typeof profileNames)[number];

const sparkplug3: SparkplugProfile = {
  hasEdgeNodes: true,
  needsBdSeq: true,
  hasTextState: false,
  trustsDatatypes: true,
  silence: undefined,
  eventMetrics: {},
};

export const profiles: Readonly<Record<ProfileName, SparkplugProfile>> = {
  "sparkplug-3.0": sparkplug3,
  "sparkplug-2.2": { ...sparkplug3, needsBdSeq: false, hasTextState: true },
  "legacy-flat": {
    hasEdgeNodes: false,
    needsBdSeq: false,
    hasTextState: false,
    trustsDatatypes: false,
    silence: { periods: 5, minMs: 10_000 },
    eventMetrics: {
      breaker_status: "Breaker/Status",
      reason: "Breaker/TripReason",
      timestamp: "Breaker/LastTripTime",
      trip_count: "Breaker/TripCount",
      trip_current: "Breaker/TripCurrent",
    },
  },
};
