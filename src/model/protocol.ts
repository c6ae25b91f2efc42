/** The languages devices speak; a package binds its parameters and commands once per protocol. */
export const protocols = ["sparkplug", "json", "lwm2m"] as const;

export type Protocol = (typeof protocols)[number];
