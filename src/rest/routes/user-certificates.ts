import { X509Certificate } from "node:crypto";
import { Type } from "typebox";
import type { UserCertificate } from "#fleet/access/ports.ts";
import { HostError } from "#model/errors.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { failures, strict } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";

const tags = ["users"];
const config = { action: "user.manage" } as const;
const response = { 204: Type.Null(), ...failures };
const name = Type.String({ minLength: 1, maxLength: 128 });
const file = Type.Object(
  { pem: Type.String({ minLength: 1, maxLength: 65_536, description: "The certificate as PEM" }) },
  strict,
);

/** Certificates by which users log in over OPC UA without a password. */
export function userCertificateRoutes(app: Api, { access: { users } }: Pick<FacadeParts, "access">): void {
  app.post(
    "/users/:name/certificates",
    {
      config,
      schema: {
        tags,
        summary: "Let a user log in by a certificate",
        params: Type.Object({ name }),
        body: file,
        response,
      },
    },
    async (request, reply) => {
      await users.addCertificate(request.params.name, certificateIn(request.body.pem), principalOf(request));
      return reply.code(204).send(null);
    },
  );
  app.delete(
    "/users/:name/certificates/:thumbprint",
    {
      config,
      schema: {
        tags,
        summary: "Let a user no longer log in by it, and end its sessions",
        params: Type.Object({ name, thumbprint: Type.String({ minLength: 64, maxLength: 64 }) }),
        response,
      },
    },
    async (request, reply) => {
      const { name: user, thumbprint } = request.params;
      await users.removeCertificate(user, thumbprint.toLowerCase(), principalOf(request));
      return reply.code(204).send(null);
    },
  );
}

function certificateIn(pem: string): UserCertificate {
  try {
    const { fingerprint256, subject, validTo } = new X509Certificate(pem);
    const thumbprint = fingerprint256.replaceAll(":", "").toLowerCase();
    return { thumbprint, subject: subject.split("\n").join(", "), notAfter: Date.parse(validTo) };
  } catch (error) {
    throw new HostError("argument-invalid", "`pem` is no X.509 certificate", { cause: error });
  }
}
