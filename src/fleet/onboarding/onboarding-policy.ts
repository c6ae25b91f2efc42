/**
 * What becomes of a device that introduces itself. `auto`: it is taken in, with the package that fits or without one.
 * `matching`: it is taken in when a package fits, else it waits for an operator. `manual`: it always waits.
 */
export const onboardingModes = ["auto", "matching", "manual"] as const;

export type OnboardingMode = (typeof onboardingModes)[number];

/** Bounds of what names on the network can make the host keep and show. */
export interface OnboardingLimits {
  /** Devices in all. */
  readonly devices: number;
  /** Devices that wait for an operator; as many again that were rejected. */
  readonly pending: number;
  /** Points of one device beyond its package. */
  readonly pointsPerDevice: number;
  /** Points beyond packages, over all devices. */
  readonly points: number;
}

export interface OnboardingPolicy {
  readonly mode: OnboardingMode;
  readonly limits: OnboardingLimits;
}

export const defaultOnboardingPolicy: OnboardingPolicy = {
  mode: "matching",
  limits: { devices: 20_000, pending: 500, pointsPerDevice: 200, points: 100_000 },
};
