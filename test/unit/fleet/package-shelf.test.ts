import { describe, expect, it } from "vitest";
import { PackageShelf } from "#fleet/package-shelf.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
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

  it("gives a retired package to nobody, also when somebody names it, until it is put again", () => {
    const shelf = new PackageShelf();
    shelf.put(older);
    shelf.put(newer, false);

    shelf.retire(packageKey(older));

    expect([...shelf.choices().values()]).toEqual([newer]);
    expect(shelf.match(announcement)).toBeUndefined();
    expect(shelf.find(older.id, older.revision)).toBe(older);
    shelf.put(older);
    expect(shelf.choices().get(packageKey(older))).toBe(older);
  });

  it("does not know a removed package any more, and tells once that it has gone", () => {
    const shelf = new PackageShelf();
    const gone: DevicePackage[] = [];
    shelf.onGone((pkg) => gone.push(pkg));
    shelf.put(older);

    shelf.remove(packageKey(older));
    shelf.remove(packageKey(older));

    expect(gone).toEqual([older]);
    expect([...shelf.all()]).toEqual([]);
    expect(shelf.find(older.id, older.revision)).toBeUndefined();
    expect(shelf.match(announcement)).toBeUndefined();
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
