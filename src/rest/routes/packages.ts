import { type Static, Type } from "typebox";
import type { InstalledPackage } from "#fleet/packages/package-library.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { failures, strict } from "#rest/schemas/common.ts";
import { builtInOf, diffOf, installedOf, PackageDiff, PackageEntry } from "#rest/schemas/package.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { RequestRefused } from "#rest/status.ts";
import { packageUploadRoutes } from "./package-upload.ts";

const tags = ["packages"];
const look = { action: "package.read" } as const;
const manage = { action: "package.manage" } as const;

type Parts = Pick<FacadeParts, "packages" | "fleet">;

const key = Type.String({ minLength: 1, maxLength: 300, description: "id@revision" });
const keyBody = Type.Object({ key }, strict);
const diffQuery = Type.Object({ before: key, after: key }, strict);

/** Device packages: what there is, looking into a file, taking it in, making it the one for new devices. */
export function packageRoutes(app: Api, parts: Parts): void {
  const { packages } = parts;
  const List = Type.Object({ items: Type.Array(PackageEntry) });
  app.get(
    "/packages",
    { config: look, schema: { tags, summary: "All revisions of all packages", response: { 200: List, ...failures } } },
    () => ({ items: listOf(parts) }),
  );
  app.get(
    "/packages/diff",
    {
      config: look,
      schema: {
        tags,
        summary: "What changed from one revision to another",
        querystring: diffQuery,
        response: { 200: PackageDiff, ...failures },
      },
    },
    ({ query }) => diffOf(packages.diff(packageOf(parts, query.before), packageOf(parts, query.after))),
  );
  changeRoutes(app, parts);
  packageUploadRoutes(app, parts);
}

function changeRoutes(app: Api, parts: Parts): void {
  const { packages } = parts;
  const shown = (entry: InstalledPackage) => installedOf(entry, parts.fleet.registry.countOf(entry.key));
  const response = { 200: PackageEntry, ...failures };
  app.post(
    "/packages/activate",
    { config: manage, schema: { tags, summary: "Make it the one that new devices get", body: keyBody, response } },
    async (request) => shown(await packages.activate(importedKey(parts, request.body.key), principalOf(request))),
  );
  app.post(
    "/packages/retire",
    { config: manage, schema: { tags, summary: "Take it out of use; devices keep it", body: keyBody, response } },
    async (request) => shown(await packages.retire(importedKey(parts, request.body.key), principalOf(request))),
  );
  app.post(
    "/packages/remove",
    {
      config: manage,
      schema: {
        tags,
        summary: "Remove one that no device has",
        body: keyBody,
        response: { 204: Type.Null(), ...failures },
      },
    },
    async (request, reply) => {
      await packages.remove(importedKey(parts, request.body.key), principalOf(request));
      return reply.code(204).send(null);
    },
  );
}

function listOf({ packages, fleet }: Parts): Static<typeof PackageEntry>[] {
  const { registry, shelf } = fleet;
  const imported = packages.list();
  const keys = new Set(imported.map((entry) => entry.key));
  // Not what devices have until they are known better.
  const builtIn = [...shelf.all()].filter((pkg) => !keys.has(packageKey(pkg)) && shelf.isOffered(pkg));
  return [
    ...imported.map((entry) => installedOf(entry, registry.countOf(entry.key))),
    ...builtIn.map((pkg) => builtInOf(pkg, registry.countOf(packageKey(pkg)))),
  ];
}

/** The key of a package that somebody brought in; what came with the host stays as it is. */
function importedKey(parts: Parts, wanted: string): string {
  if (parts.packages.list().some((entry) => entry.key === wanted)) return wanted;
  const pkg = packageOf(parts, wanted);
  if (!parts.fleet.shelf.isOffered(pkg)) throw unknown(wanted);
  throw new HostError(
    "package-invalid",
    `${packageKey(pkg)} came with the host: only imported packages can be changed`,
  );
}

function packageOf({ fleet }: Parts, wanted: string): DevicePackage {
  for (const pkg of fleet.shelf.all()) if (packageKey(pkg) === wanted) return pkg;
  throw unknown(wanted);
}

function unknown(wanted: string): RequestRefused {
  return new RequestRefused("thing-unknown", `there is no package ${JSON.stringify(wanted.slice(0, 120))}`);
}
