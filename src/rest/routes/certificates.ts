import { Type } from "typebox";
import type { ClientCertificate } from "#fleet/access/ports.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { failures, isoOf, strict, Time } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";

const tags = ["certificates"];
const config = { action: "certificate.manage" } as const;

const Certificate = Type.Object({
  thumbprint: Type.String({ description: "SHA-256, hexadecimal" }),
  state: Type.Enum(["trusted", "rejected"]),
  subject: Type.String(),
  issuer: Type.String(),
  applicationUri: Type.String(),
  notBefore: Time,
  notAfter: Time,
  since: Time,
});
const Certificates = Type.Object({ items: Type.Array(Certificate) });
const params = Type.Object({
  thumbprint: Type.String({ minLength: 8, maxLength: 96, description: "Its first 8 digits or more" }),
});
const file = Type.Object(
  { pem: Type.String({ minLength: 1, maxLength: 65_536, description: "The certificate as PEM" }) },
  strict,
);

/** Certificates of OPC UA clients: those that may connect and those that were refused. */
export function certificateRoutes(app: Api, { access }: Pick<FacadeParts, "access">): void {
  const { trustList: trust } = access;
  app.get(
    "/certificates",
    {
      config,
      schema: { tags, summary: "Trusted and refused, newest first", response: { 200: Certificates, ...failures } },
    },
    async (request) => ({ items: (await trust.list(principalOf(request))).map(certificateOf) }),
  );
  app.post(
    "/certificates",
    {
      config,
      schema: {
        tags,
        summary: "Trust a certificate that is given as a file",
        body: file,
        response: { 201: Certificate, ...failures },
      },
    },
    async (request, reply) => {
      const added = await trust.add(Buffer.from(request.body.pem, "utf8"), principalOf(request));
      reply.code(201);
      return certificateOf(added);
    },
  );
  const response = { 200: Certificate, ...failures };
  app.post(
    "/certificates/:thumbprint/trust",
    { config, schema: { tags, summary: "Let its program connect", params, response } },
    async (request) => certificateOf(await trust.trust(request.params.thumbprint, principalOf(request))),
  );
  app.post(
    "/certificates/:thumbprint/reject",
    { config, schema: { tags, summary: "Let its program connect no more", params, response } },
    async (request) => certificateOf(await trust.reject(request.params.thumbprint, principalOf(request))),
  );
  app.delete(
    "/certificates/:thumbprint",
    { config, schema: { tags, summary: "Forget it", params, response: { 204: Type.Null(), ...failures } } },
    async (request, reply) => {
      await trust.remove(request.params.thumbprint, principalOf(request));
      return reply.code(204).send(null);
    },
  );
}

function certificateOf({ notBefore, notAfter, since, ...certificate }: ClientCertificate) {
  return { ...certificate, notBefore: isoOf(notBefore), notAfter: isoOf(notAfter), since: isoOf(since) };
}
