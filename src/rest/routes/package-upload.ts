import multipart from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { locationText, type PackageWarning } from "#model/package-problem.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { failures, nullable, strict } from "#rest/schemas/common.ts";
import { diffOf, installedOf, PackageDiff, PackageEntry } from "#rest/schemas/package.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { RequestRefused } from "#rest/status.ts";

const tags = ["packages"];
const manage = { action: "package.manage" } as const;
const maxPackageBytes = 32 * 1024 * 1024;
const maxNameLength = 200;
const fileTypes = ["application/octet-stream", "application/xml", "application/zip"];
const consumes = [...fileTypes, "multipart/form-data"];

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
  replaces: nullable(Type.String({ description: "The revision of the same package that new devices get now" })),
  changes: nullable(PackageDiff),
  objection: nullable(Type.String({ description: "Why it would not be taken in" })),
});
const uploadQuery = Type.Object(
  { source: Type.Optional(Type.String({ minLength: 1, maxLength: maxNameLength, description: "Name of the file" })) },
  strict,
);
const File = Type.Unsafe<Buffer>({ description: "The file itself, .fdi or .fdix, or a form with it" });

/** Looking into a package file, and taking it in. In a scope of its own: no other route takes files. */
export function packageUploadRoutes(app: Api, parts: Pick<FacadeParts, "packages" | "fleet">): void {
  app.register(async (scope: Api) => {
    // Asked only behind the guard: a file is read into memory for administrators alone.
    scope.addContentTypeParser(fileTypes, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    await scope.register(multipart, { limits: { files: 1, fields: 4, fileSize: maxPackageBytes } });
    routes(scope, parts);
  });
}

function routes(app: Api, parts: Pick<FacadeParts, "packages" | "fleet">): void {
  const upload = { config: manage, bodyLimit: maxPackageBytes };
  const schema = { tags, consumes, querystring: uploadQuery, body: File };
  app.post(
    "/packages/preview",
    {
      ...upload,
      schema: { ...schema, summary: "Look into a file without keeping it", response: { 200: Preview, ...failures } },
    },
    async (request) => {
      const { bytes, source } = await fileOf(request, request.query.source);
      return previewOf(parts, bytes, source);
    },
  );
  app.post(
    "/packages",
    {
      ...upload,
      schema: {
        ...schema,
        summary: "Take a file in; it is used once it is active",
        response: { 201: PackageEntry, ...failures },
      },
    },
    async (request, reply) => {
      const { bytes, source } = await fileOf(request, request.query.source);
      const installed = await parts.packages.install(bytes, source, principalOf(request));
      reply.code(201);
      return installedOf(installed, parts.fleet.registry.countOf(installed.key));
    },
  );
}

interface GivenFile {
  readonly bytes: Uint8Array;
  readonly source: string;
}

/** The file of a request: its body, or the one file of a form. */
async function fileOf(request: FastifyRequest, source: string | undefined): Promise<GivenFile> {
  const { body } = request;
  if (body instanceof Uint8Array) return { bytes: body, source: source ?? "upload" };
  const part = request.isMultipart() ? await request.file() : undefined;
  if (part !== undefined) {
    const name = part.filename.slice(0, maxNameLength);
    return { bytes: await part.toBuffer(), source: source ?? (name === "" ? "upload" : name) };
  }
  const expected = "send the file itself, with Content-Type: application/octet-stream, or a form with one file";
  throw new RequestRefused("media-type-unsupported", expected);
}

async function previewOf(
  { packages, fleet }: Pick<FacadeParts, "packages" | "fleet">,
  bytes: Uint8Array,
  source: string,
) {
  const found = await packages.preview(bytes, source);
  const pkg = found.package;
  const before = pkg === undefined ? undefined : fleet.shelf.offeredOf(pkg.id);
  const isChange = pkg !== undefined && before !== undefined;
  const namesOf = (list: readonly { readonly name: string }[] = []): string[] => list.map(({ name }) => name);
  return {
    ...identityOf(pkg),
    format: found.format,
    signature: found.signature,
    parameters: namesOf(pkg?.parameters),
    commands: namesOf(pkg?.commands),
    alarms: namesOf(pkg?.alarms),
    templates: namesOf(pkg?.templates),
    warnings: found.warnings.map(warningOf),
    replaces: before === undefined ? null : packageKey(before),
    changes: isChange ? diffOf(packages.diff(before, pkg)) : null,
    objection: found.objection ?? null,
  };
}

function identityOf(pkg: DevicePackage | undefined) {
  if (pkg === undefined) return { key: null, typeName: null, manufacturer: null, model: null };
  const { manufacturer, model } = pkg.identity;
  return { key: packageKey(pkg), typeName: pkg.typeName, manufacturer, model };
}

function warningOf({ code, message, location }: PackageWarning) {
  return { code, message, place: locationText(location) };
}
