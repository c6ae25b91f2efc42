import { type ProfileName, profiles, type SparkplugProfile } from "./profiles.ts";
import { flatFilters, uplinkFilters } from "./topic.ts";

export interface GroupProfilesOptions {
  /** Sparkplug groups to read; default all. */
  readonly groups?: readonly string[] | undefined;
  /** Profile of groups that are not named in `profiles`; default `sparkplug-3.0`. */
  readonly profile?: ProfileName | undefined;
  readonly profiles?: Readonly<Record<string, ProfileName>> | undefined;
}

/** Which dialect each group speaks, and what must be subscribed for it. */
export class GroupProfiles {
  readonly #groups: readonly string[];
  readonly #default: ProfileName;
  readonly #named: ReadonlyMap<string, ProfileName>;

  constructor({ groups = ["+"], profile = "sparkplug-3.0", profiles: named = {} }: GroupProfilesOptions) {
    this.#groups = groups;
    this.#default = profile;
    this.#named = new Map(Object.entries(named));
  }

  /** The profile of edge nodes of a group; a flat group's edge nodes, should it have some, follow 3.0. */
  ofEdgeNodes(group: string): SparkplugProfile {
    const profile = profiles[this.#named.get(group) ?? this.#default];
    return profile.hasEdgeNodes ? profile : profiles["sparkplug-3.0"];
  }

  /** True when devices of the group may publish without an edge node: it is called flat, or not called anything. */
  takesFlat(group: string): boolean {
    return !profiles[this.#named.get(group) ?? "legacy-flat"].hasEdgeNodes;
  }

  get hasTextState(): boolean {
    return [this.#default, ...this.#named.values()].some((name) => profiles[name].hasTextState);
  }

  get filters(): string[] {
    return this.#groups.flatMap((group) => [
      ...uplinkFilters(group),
      ...(group === "+" || this.takesFlat(group) ? flatFilters(group) : []),
    ]);
  }
}
