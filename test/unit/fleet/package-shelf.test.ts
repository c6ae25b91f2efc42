import { describe, expect, it } from "vitest";
import { PackageShelf } from "#fleet/package-shelf.ts";
import { packageKey } from "#model/device-package.ts";
import { breakerPackage } from "../../support/breaker-package.ts";

const announcement = {
  protocol: "sparkplug" as const,
  name: "CB-1",
  address: "G/N/CB-1",
  declaredType: "test/breaker",
  points: [],
  at: 0,
};
const older = breakerPackage();
const newer = { ...older, revision: "2.0.0" };

describe("the shelf of packages", () => {
  it("gives new devices the revision that was put last", () => {
    const shelf = new PackageShelf();
    shelf.put(older);
    shelf.put(newer);
    expect(shelf.match(announcement)?.revision).toBe("2.0.0");

    shelf.put(older);

    expect(shelf.match(announcement)?.revision).toBe("1.0.0");
  });

  it("keeps a revision that is not for new devices for those that have it", () => {
    const shelf = new PackageShelf();
    shelf.put(older);
    shelf.put(newer, false);

    expect(shelf.match(announcement)?.revision).toBe("1.0.0");
    expect(shelf.find(newer.id, "2.0.0")).toBe(newer);
  });

  it("gives a withdrawn package to no new device", () => {
    const shelf = new PackageShelf();
    shelf.put(older);

    shelf.withdraw(packageKey(older));

    expect(shelf.match(announcement)).toBeUndefined();
    expect(shelf.find(older.id, older.revision)).toBe(older);
  });

  it("tells once when a package is new", () => {
    const shelf = new PackageShelf();
    const seen: string[] = [];
    shelf.onNew((pkg) => seen.push(packageKey(pkg)));

    shelf.put(older);
    shelf.put(older);

    expect(seen).toEqual([packageKey(older)]);
  });
});
