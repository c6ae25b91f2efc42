import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { HostError, messageOf } from "#model/errors.ts";
import { readAnchor } from "./audit-head.ts";
import { type AuditVerdict, verifyAudit } from "./verify-audit.ts";

export const auditHelp = `fdi audit verify: checks that the audit is complete and as it was written

  npm run fdi -- audit verify [FOLDER] [options]

  FOLDER        the audit folder (default: audit in the data folder, FDI_HOST_DATA, else ./data)
  --key FILE    the key of the audit (default: ../secrets/audit.key of the folder)
  --anchor TEXT the anchor that an earlier check printed, kept elsewhere: tells also when somebody who has the key
                wrote the audit anew
  --json        the result as JSON

May be run while the host writes. Exit code: 0 intact, 1 not intact, 2 it could not be checked.
`;

export interface AuditCommandIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const exitCodes = { intact: 0, notIntact: 1, notChecked: 2 } as const;

/** The command `fdi audit verify`; returns the exit code. */
export async function runAuditCommand(args: readonly string[], io: AuditCommandIo): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        key: { type: "string" },
        anchor: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    const [command, given, ...more] = positionals;
    if (values.help === true) {
      io.out(auditHelp);
      return exitCodes.intact;
    }
    if (command !== "verify" || more.length > 0) throw new Error("expected: audit verify [FOLDER]");
    const folder = resolve(given ?? join(io.env["FDI_HOST_DATA"] ?? "data", "audit"));
    const verdict = await verifyAudit(folder, {
      ...(values.key === undefined ? {} : { keyPath: resolve(values.key) }),
      ...(values.anchor === undefined ? {} : { anchor: readAnchor(values.anchor) }),
    });
    if (verdict.segments === 0) throw new HostError("config-invalid", `there is no audit in ${folder}`);
    io.out(values.json === true ? `${JSON.stringify({ folder, ...verdict })}\n` : textOf(verdict));
    return verdict.intact ? exitCodes.intact : exitCodes.notIntact;
  } catch (error) {
    io.err(`${messageOf(error)}\nsee npm run fdi -- audit --help\n`);
    return exitCodes.notChecked;
  }
}

function textOf({ intact, entries, segments, fault, anchor, unresolved }: AuditVerdict): string {
  const lines =
    intact || fault === undefined
      ? [`intact: ${entries} entries in ${segments} segments`]
      : [
          `NOT INTACT: ${fault.segment} line ${fault.line}: ${fault.problem}`,
          `the ${entries} entries before it are as they were written`,
        ];
  if (intact && anchor !== undefined) lines.push(`anchor: ${anchor}`);
  for (const { at, action, device, user, origin } of unresolved) {
    lines.push(`outcome unknown: ${at} ${action} ${device} by ${user} (${origin})`);
  }
  return `${lines.join("\n")}\n`;
}
