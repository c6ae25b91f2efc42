import { type Static, Type } from "typebox";
import type { InstalledPackage } from "#fleet/packages/package-library.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import { locationText, type PackageWarning } from "#model/package-problem.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { failures, MaybeTime, maybeIsoOf, nullable, strict } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { RequestRefused } from "#rest/status.ts";

const tags = ["packages"];
const look = { action: "package.read" } as const;
const manage = { action: "package.manage" } as const;
const maxPackageBytes = 32 * 1024 * 1024;

const Package = Type.Object({
  key: Type.String({ description: "id@revision" }),
  id: Type.String(),
  revision: Type.String(),
  state: Type.Enum(["installed", "active", "retired", "built-in"]),
  typeName: Type.String(),
  manufacturer: Type.String(),
  model: Type.String(),
  devices: Type.Integer({ description: "Devices that have it" }),
  format: nullable(Type.String()),
  size: nullable(Type.Integer()),
  sha256: nullable(Type.String()),
  source: nullable(Type.String()),
  importedAt: MaybeTime,
  importedBy: nullable(Type.String()),
  signature: nullable(Type.String()),
  signer: nullable(Type.String()),
});
const Warning = Type.Object({ code: Type.String(), message: Type.String(), place: Type.String() });
const Preview = Type.Object({
  key: nullable(Type.String()),
  typeName: nullable(Type.String()),
  manufacturer: nullable(Type.String()),
  model: nullable(Type.String()),
  format: Type.String(),
  signature: Type.String(),
  parameters: Type.Array(Type.String()),
  commands: Type.Array(Type.String()),
  alarms: Type.Array(Type.String()),
  templates: Type.Array(Type.String()),
  warnings: Type.Array(Warning),
  objection: nullable(Type.String({ description: "Why it would not be taken in" })),
});
const Difference = Type.Object({
  kind: Type.Enum(["added", "removed", "changed"]),
  section: Type.String(),
  name: Type.String(),
  field: Type.String(),
  before: Type.String(),
  after: Type.String(),
  breaking: Type.Boolean(),
});
const Diff = Type.Object({ breaking: Type.Boolean(), items: Type.Array(Difference) });
const key = Type.String({ minLength: 1, maxLength: 300, description: "id@revision" });
const keyBody = Type.Object({ key }, strict);
const diffQuery = Type.Object({ before: key, after: key }, strict);
const uploadQuery = Type.Object(
  { source: Type.String({ minLength: 1, maxLength: 200, default: "upload", description: "Name of the file" }) },
  strict,
);
const File = Type.Unsafe<Buffer>({ description: "The file itself, .fdi or .fdix" });

/** Device packages: what there is, looking into a file, taking it in, making it the one for new devices. */
export function packageRoutes(app: Api, parts: Pick<FacadeParts, "packages" | "fleet">): void {
  const { packages } = parts;
  const List = Type.Object({ items: Type.Array(Package) });
  app.get(
    "/packages",
    { config: look, schema: { tags, summary: "All revisions of all packages", response: { 200: List, ...failures } } },
    () => ({
      items: listOf(parts),
    }),
  );
  app.get(
    "/packages/diff",
    {
      config: look,
      schema: {
        tags,
        summary: "What changed from one revision to another",
        querystring: diffQuery,
        response: { 200: Diff, ...failures },
      },
    },
    ({ query }) => {
      const items = packages.diff(packageOf(parts, query.before), packageOf(parts, query.after));
      return { breaking: items.some(({ breaking }) => breaking), items: [...items] };
    },
  );
  const response = { 200: Package, ...failures };
  app.post(
    "/packages/activate",
    { config: manage, schema: { tags, summary: "Make it the one that new devices get", body: keyBody, response } },
    async (request) => installedOf(parts, await packages.activate(request.body.key, principalOf(request))),
  );
  app.post(
    "/packages/retire",
    { config: manage, schema: { tags, summary: "Take it out of use; devices keep it", body: keyBody, response } },
    async (request) => installedOf(parts, await packages.retire(request.body.key, principalOf(request))),
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
      await packages.remove(request.body.key, principalOf(request));
      return reply.code(204).send(null);
    },
  );
  uploadRoutes(app, parts);
}

function uploadRoutes(app: Api, parts: Pick<FacadeParts, "packages" | "fleet">): void {
  const { packages } = parts;
  // Asked only behind the guard: a file is read into memory for administrators alone.
  app.addContentTypeParser(
    ["application/octet-stream", "application/xml", "application/zip"],
    { parseAs: "buffer" },
    (_request, body, done) => done(null, body),
  );
  const consumes = ["application/octet-stream", "application/xml", "application/zip"];
  const upload = { config: manage, bodyLimit: maxPackageBytes };
  app.post(
    "/packages/preview",
    {
      ...upload,
      schema: {
        tags,
        summary: "Look into a file without keeping it",
        consumes,
        querystring: uploadQuery,
        body: File,
        response: { 200: Preview, ...failures },
      },
    },
    async ({ body, query }) => {
      const found = await packages.preview(bytesOf(body), query.source);
      const pkg = found.package;
      const namesOf = (list: readonly { readonly name: string }[] = []): string[] => list.map(({ name }) => name);
      return {
        key: pkg === undefined ? null : packageKey(pkg),
        typeName: pkg?.typeName ?? null,
        manufacturer: pkg?.identity.manufacturer ?? null,
        model: pkg?.identity.model ?? null,
        format: found.format,
        signature: found.signature,
        parameters: namesOf(pkg?.parameters),
        commands: namesOf(pkg?.commands),
        alarms: namesOf(pkg?.alarms),
        templates: namesOf(pkg?.templates),
        warnings: found.warnings.map(warningOf),
        objection: found.objection ?? null,
      };
    },
  );
  app.post(
    "/packages",
    {
      ...upload,
      schema: {
        tags,
        summary: "Take a file in; it is used once it is active",
        consumes,
        querystring: uploadQuery,
        body: File,
        response: { 201: Package, ...failures },
      },
    },
    async (request, reply) => {
      const installed = await packages.install(bytesOf(request.body), request.query.source, principalOf(request));
      reply.code(201);
      return installedOf(parts, installed);
    },
  );
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  const expected = "send the file itself, with Content-Type: application/octet-stream";
  throw new RequestRefused("media-type-unsupported", expected);
}

function warningOf({ code, message, location }: PackageWarning) {
  return { code, message, place: locationText(location) };
}

function listOf(parts: Pick<FacadeParts, "packages" | "fleet">): Static<typeof Package>[] {
  const installed = parts.packages.list();
  const keys = new Set(installed.map((entry) => entry.key));
  const builtIn = [...parts.fleet.shelf.all()].filter((pkg) => !keys.has(packageKey(pkg)));
  return [...installed.map((entry) => installedOf(parts, entry)), ...builtIn.map((pkg) => builtInOf(parts, pkg))];
}

function installedOf(parts: Pick<FacadeParts, "fleet">, entry: InstalledPackage): Static<typeof Package> {
  const { id, revision, state, typeName, manufacturer, model, format, size, sha256, source, signature } = entry;
  return {
    key: entry.key,
    id,
    revision,
    state,
    typeName,
    manufacturer,
    model,
    devices: usersOf(parts, entry.key),
    format,
    size,
    sha256,
    source,
    importedAt: maybeIsoOf(entry.importedAt),
    importedBy: entry.importedBy,
    signature,
    signer: entry.signer,
  };
}

function builtInOf(parts: Pick<FacadeParts, "fleet">, pkg: DevicePackage): Static<typeof Package> {
  const { id, revision, typeName, identity } = pkg;
  const unknown = { format: null, size: null, sha256: null, source: null, importedAt: null, importedBy: null };
  return {
    key: packageKey(pkg),
    id,
    revision,
    state: "built-in",
    typeName,
    manufacturer: identity.manufacturer,
    model: identity.model,
    devices: usersOf(parts, packageKey(pkg)),
    ...unknown,
    signature: null,
    signer: null,
  };
}

function usersOf({ fleet }: Pick<FacadeParts, "fleet">, wanted: string): number {
  let count = 0;
  for (const { package: pkg } of fleet.registry.all()) if (packageKey(pkg) === wanted) count += 1;
  return count;
}

function packageOf({ fleet }: Pick<FacadeParts, "fleet">, wanted: string): DevicePackage {
  for (const pkg of fleet.shelf.all()) if (packageKey(pkg) === wanted) return pkg;
  throw new HostError("argument-invalid", `there is no package ${JSON.stringify(wanted.slice(0, 120))}`);
}
