import { Type } from "typebox";
import { auditKinds } from "#model/audit-entry.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { failures, nullable, strict, Time } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";

const tags = ["audit"];
const config = { action: "audit.read" } as const;

const Entry = Type.Object(
  { seq: Type.Integer(), at: Time, kind: Type.String() },
  { additionalProperties: true, description: "As it was written: user, origin, device, action, result, ..." },
);
const AuditPage = Type.Object({ items: Type.Array(Entry), next: nullable(Type.Integer()) });
const State = Type.Object({
  intact: Type.Boolean(),
  entries: Type.Integer({ description: "Found good, from the first one on" }),
  fault: nullable(Type.String({ description: "The first place where it is not as it was written" })),
  anchor: nullable(
    Type.String({
      description: "The last good entry: keep it elsewhere, and `fdi audit verify --anchor` tells a rewriting",
    }),
  ),
});

const auditQuery = Type.Object(
  {
    from: Type.Optional(Type.String({ format: "date-time" })),
    to: Type.Optional(Type.String({ format: "date-time" })),
    user: Type.Optional(Type.String({ maxLength: 128 })),
    device: Type.Optional(Type.String({ maxLength: 64 })),
    kind: Type.Optional(Type.Enum([...auditKinds])),
    commandId: Type.Optional(Type.String({ maxLength: 100 })),
    before: Type.Optional(Type.Integer({ minimum: 1, description: "`next` of the page before" })),
    limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
  },
  strict,
);

/** Who did what, newest first, and whether the audit is as it was written. */
export function auditRoutes(app: Api, { audit }: Pick<FacadeParts, "audit">): void {
  app.get(
    "/audit",
    {
      config,
      schema: {
        tags,
        summary: "Who did what, newest first",
        querystring: auditQuery,
        response: { 200: AuditPage, ...failures },
      },
    },
    async ({ query: { from, to, ...query } }) => {
      const page = await audit.query({
        ...query,
        from: from === undefined ? undefined : Date.parse(from),
        to: to === undefined ? undefined : Date.parse(to),
      });
      const items = page.entries.map(({ seq, at, kind, fields }) => ({ ...fields, seq, at, kind }));
      return { items, next: page.next ?? null };
    },
  );
  app.get(
    "/audit/verify",
    {
      config: { ...config, rateLimit: { max: 6, timeWindow: "1 minute" } },
      schema: { tags, summary: "Check every entry from the first one on", response: { 200: State, ...failures } },
    },
    async () => {
      const { intact, entries, fault, anchor } = await audit.verify();
      return { intact, entries, fault: fault ?? null, anchor: anchor ?? null };
    },
  );
}
