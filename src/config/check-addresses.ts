import { shownUrl } from "#lib/shown-url.ts";
import { HostError } from "#model/errors.ts";
import type { HostConfig } from "./host-config.ts";

const protocols: ReadonlySet<string> = new Set(["mqtt:", "mqtts:", "tcp:", "ssl:", "ws:", "wss:"]);

/** Throws `config-invalid` for a broker's address that cannot be used; the message shows no password. */
export function checkAddresses({ mqtt, sparkplug }: HostConfig): void {
  const given: (readonly [string, string | undefined])[] = [
    ["mqtt.url", mqtt.url],
    ...sparkplug.brokers.map(({ url }, i): readonly [string, string] => [`sparkplug.brokers[${i}].url`, url]),
  ];
  const problems = given.flatMap(([key, url]) => {
    if (url === undefined || protocols.has(URL.parse(url)?.protocol ?? "")) return [];
    const advice = "expected e.g. mqtts://broker.example:8883; in a password, write / as %2F and @ as %40";
    return [`${key} is ${JSON.stringify(shownUrl(url))}: ${advice}`];
  });
  if (problems.length > 0) throw new HostError("config-invalid", problems.join("\n"));
}
