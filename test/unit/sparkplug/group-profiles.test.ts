import { describe, expect, it } from "vitest";
import { GroupProfiles, type ProfileRule } from "#transport/sparkplug/group-profiles.ts";
import { profiles } from "#transport/sparkplug/profiles.ts";

const rules: readonly ProfileRule[] = [
  { match: "Plant/panel-2*", profile: "sparkplug-2.2" },
  { match: "Old*", profile: "legacy-flat" },
  { match: "Plant", profile: "sparkplug-3.0" },
];

describe("dialects by group and edge node", () => {
  it.each([
    ["Plant", "panel-21", "sparkplug-2.2"],
    ["Plant", "panel-1", "sparkplug-3.0"],
    ["Plant.x", "panel-21", "sparkplug-2.2"],
    ["OldLine", "n1", "sparkplug-3.0"],
  ] as const)("%s/%s speaks %s", (group, edgeNode, expected) => {
    const found = new GroupProfiles({ profile: "sparkplug-2.2", profiles: rules }).ofEdgeNode(group, edgeNode);

    expect(found).toBe(profiles[expected]);
  });

  it("lets devices publish without an edge node where the group is called flat, or nothing", () => {
    const named = new GroupProfiles({ profiles: rules });

    expect(["OldLine", "Elsewhere", "Plant"].map((group) => named.takesFlat(group))).toEqual([true, true, false]);
  });

  it("announces the host in the way of 2.2 as soon as one rule asks for it", () => {
    expect(new GroupProfiles({ profiles: rules }).hasTextState).toBe(true);
    expect(new GroupProfiles({}).hasTextState).toBe(false);
  });
});
