import { PackageError, type PackageProblem } from "#model/package-problem.ts";
import type { Signer, TrustList } from "./trust.ts";

/**
 * What a signature decides: `require` takes only packages with a valid signature of a trusted signer, `warn` takes unsigned
 * packages and unknown signers with a warning but nothing that was altered, `off` does not look at signatures.
 */
export const signaturePolicies = ["require", "warn", "off"] as const;
export type SignaturePolicy = (typeof signaturePolicies)[number];

export interface SignatureRules {
  readonly policy: SignaturePolicy;
  readonly trust: TrustList;
  /** Epoch ms. */
  readonly now: number;
}

/** What is known of a package's signature. */
export type SignatureState =
  | { readonly state: "trusted"; readonly signer: Signer; readonly signedAt: number | undefined }
  | {
      readonly state: "untrusted";
      readonly signer: Signer;
      readonly signedAt: number | undefined;
      readonly problem: PackageProblem;
      readonly message: string;
    }
  | { readonly state: "unsigned" }
  | { readonly state: "not-checked" };

/** Throws PackageError when the policy does not accept a signature in this state. */
export function enforce(state: SignatureState, policy: SignaturePolicy, source: string): void {
  if (policy !== "require" || state.state === "trusted" || state.state === "not-checked") return;
  if (state.state === "unsigned") throw new PackageError("signature-missing", `${source} is not signed`);
  throw new PackageError(state.problem, `${source}: ${state.message}`);
}

/** A sentence about the signature, for people. */
export function signatureText(state: SignatureState): string {
  if (state.state === "unsigned") return "not signed";
  if (state.state === "not-checked") return "signature not checked";
  const when =
    state.signedAt === undefined ? "" : ` on ${new Date(state.signedAt).toISOString()} (claimed, no time stamp)`;
  const who = `signed by ${state.signer.commonName}${when}`;
  return state.state === "trusted" ? `${who}, trusted` : `${who}, not trusted: ${state.message}`;
}
