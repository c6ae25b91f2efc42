import { resolve } from "node:path";
import { loadPackageFolder } from "#fdi/package-folder.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { protocols } from "#model/protocol.ts";
import { type Feed, feedPackage, reportedParameters } from "./feed.ts";
import { feeds } from "./feeds.ts";

/** The package of the devices of a feed, as it is shipped. */
export async function packageOfFeed(): Promise<DevicePackage> {
  const packages = await loadPackageFolder(resolve(import.meta.dirname, "../../fdi-packages"));
  const found = packages.find((loaded) => loaded.package.id === feedPackage)?.package;
  if (found === undefined) throw new Error(`${feedPackage} is not among the packages`);
  return found;
}

/** The feed of a protocol. Throws when there is none for it. */
export async function feedOf(name: string, devices: number): Promise<Feed> {
  const protocol = protocols.find((known) => known === name);
  const make = protocol === undefined ? undefined : feeds[protocol];
  if (protocol === undefined || make === undefined) {
    throw new Error(`--protocol ${name}: expected one of ${Object.keys(feeds).join(", ")}`);
  }
  const pkg = await packageOfFeed();
  return make({ package: pkg, parameters: reportedParameters(pkg, protocol), devices });
}
