import { wildcard } from "#lib/wildcard.ts";
import { type ProfileName, profiles, type SparkplugProfile } from "./profiles.ts";
import { flatFilters, uplinkFilters } from "./topic.ts";

export interface GroupProfilesOptions {
  /** Sparkplug groups to read; default all. */
  readonly groups?: readonly string[] | undefined;
  /** Profile of edge nodes that no rule names; default `sparkplug-3.0`. */
  readonly profile?: ProfileName | undefined;
  /** The first rule that fits counts. */
  readonly profiles?: readonly ProfileRule[] | undefined;
}

/** Which dialect some edge nodes speak. */
export interface ProfileRule {
  /** A group, or `group/edge node`; `*` stands for any characters. */
  readonly match: string;
  readonly profile: ProfileName;
}

interface CompiledRule {
  readonly profile: ProfileName;
  readonly group: RegExp;
  /** Undefined: every edge node of the group, and devices without one. */
  readonly edgeNode: RegExp | undefined;
}

/** Which dialect each edge node speaks, and what must be subscribed for it. */
export class GroupProfiles {
  readonly #groups: readonly string[];
  readonly #default: ProfileName;
  readonly #rules: readonly CompiledRule[];
  readonly #flatGroups = new Map<string, boolean>();

  constructor({ groups = ["+"], profile = "sparkplug-3.0", profiles: rules = [] }: GroupProfilesOptions) {
    this.#groups = groups;
    this.#default = profile;
    this.#rules = rules.map(compile);
  }

  /** The profile of an edge node; those of a flat group, should it have some, follow 3.0. */
  ofEdgeNode(group: string, edgeNode: string): SparkplugProfile {
    const rule = this.#rules.find((each) => each.group.test(group) && (each.edgeNode?.test(edgeNode) ?? true));
    const profile = profiles[rule?.profile ?? this.#default];
    return profile.hasEdgeNodes ? profile : profiles["sparkplug-3.0"];
  }

  /** True when devices of the group may publish without an edge node: it is called flat, or not called anything. */
  takesFlat(group: string): boolean {
    let isFlat = this.#flatGroups.get(group);
    if (isFlat === undefined) {
      const rule = this.#rules.find((each) => each.edgeNode === undefined && each.group.test(group));
      isFlat = !profiles[rule?.profile ?? "legacy-flat"].hasEdgeNodes;
      // Group names are free to invent.
      if (this.#flatGroups.size < maxRemembered) this.#flatGroups.set(group, isFlat);
    }
    return isFlat;
  }

  get hasTextState(): boolean {
    return [this.#default, ...this.#rules.map(({ profile }) => profile)].some((name) => profiles[name].hasTextState);
  }

  get filters(): string[] {
    return this.#groups.flatMap((group) => [
      ...uplinkFilters(group),
      ...(group === "+" || this.takesFlat(group) ? flatFilters(group) : []),
    ]);
  }
}

const maxRemembered = 1_000;

function compile({ match, profile }: ProfileRule): CompiledRule {
  const cut = match.indexOf("/");
  return {
    profile,
    group: wildcard(cut < 0 ? match : match.slice(0, cut)),
    edgeNode: cut < 0 ? undefined : wildcard(match.slice(cut + 1)),
  };
}
