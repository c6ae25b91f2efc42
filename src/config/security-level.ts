/** Each level contains the ones before. */
export const securityLevels = ["standard", "enhanced", "critical"] as const;

export type SecurityLevel = (typeof securityLevels)[number];

/** What a security level asks for. */
export interface SecurityRules {
  readonly level: SecurityLevel;
  /** In characters. */
  readonly minPasswordLength: number;
  /** A web session that nobody uses ends after this time. */
  readonly sessionIdleMs: number;
  /** Unsecured and anonymous OPC UA connections may be switched on. */
  readonly mayBeInsecure: boolean;
  /** Connections that leave the machine may be without TLS. */
  readonly mayBePlain: boolean;
  readonly minTls: "TLSv1.2" | "TLSv1.3";
  /** Basic256Sha256, whose encryption pads with SHA-1, is offered besides the Aes policies. */
  readonly offersBasic256Sha256: boolean;
  /** The host does not start on an audit that was tampered with. */
  readonly refusesTamperedAudit: boolean;
}

const minute = 60_000;

const rules = {
  standard: {
    level: "standard",
    minPasswordLength: 10,
    sessionIdleMs: 30 * minute,
    mayBeInsecure: true,
    mayBePlain: true,
    minTls: "TLSv1.2",
    offersBasic256Sha256: true,
    refusesTamperedAudit: false,
  },
  enhanced: {
    level: "enhanced",
    minPasswordLength: 12,
    sessionIdleMs: 15 * minute,
    mayBeInsecure: false,
    mayBePlain: false,
    minTls: "TLSv1.2",
    offersBasic256Sha256: true,
    refusesTamperedAudit: false,
  },
  critical: {
    level: "critical",
    minPasswordLength: 14,
    sessionIdleMs: 10 * minute,
    mayBeInsecure: false,
    mayBePlain: false,
    minTls: "TLSv1.3",
    offersBasic256Sha256: false,
    refusesTamperedAudit: true,
  },
} as const satisfies Record<SecurityLevel, SecurityRules>;

export function securityRules(level: SecurityLevel): SecurityRules {
  return rules[level];
}
