import type { Logger } from "#lib/logger.ts";
import type { AuditFile } from "./audit-file.ts";

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
