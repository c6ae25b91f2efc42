import { existsSync } from "node:fs";
import type { Logger } from "#lib/logger.ts";
import { HostError } from "#model/errors.ts";
import type { AuditFile } from "./audit-file.ts";
import { auditKeyPath } from "./audit-key.ts";
import { verifyAudit } from "./verify-audit.ts";

/** Takes up the audit of the run before and says in the log what that run left open, and whether somebody was at it. */
export async function openAudit(audit: AuditFile, log: Logger): Promise<void> {
  const { unresolved, damage } = await audit.start();
  if (damage !== undefined) log.error(`the audit was tampered with, or lost entries: ${damage}`);
  for (const { device, action, user, at, commandId } of unresolved) {
    log.warn(
      { device, command: action, id: commandId },
      `outcome unknown: sent at ${at} for ${user}, then the host ended`,
    );
  }
}

/** Reads the whole audit in `folder`. Throws `audit-unavailable` when an entry was changed, moved or taken away. */
export async function demandIntactAudit(folder: string): Promise<void> {
  // The key comes with the first start.
  if (!existsSync(auditKeyPath(folder))) return;
  const { segments, intact, fault } = await verifyAudit(folder);
  if (segments === 0 || intact) return;
  const where = fault === undefined ? "" : ` (${fault.segment} line ${fault.line}: ${fault.problem})`;
  const advice = "keep the folder as evidence (npm run fdi -- audit verify), move it away and start again";
  throw new HostError(
    "audit-unavailable",
    `the audit in ${folder} was tampered with${where}: security.level critical does not start on it; ${advice}`,
  );
}
