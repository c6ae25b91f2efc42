import { HostError } from "#model/errors.ts";
import type { HostConfig } from "./host-config.ts";

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/** Throws `config-invalid` with one line for each thing that the level does not allow. */
export function checkSecurity({ security, opcua, http, mqtt, sparkplug }: HostConfig): void {
  const problems: string[] = [];
  if (opcua.isInsecure && !security.mayBeInsecure) problems.push("--insecure");
  if (!security.mayBePlain) {
    if (!loopback.test(http.host) && http.certFile === undefined) {
      problems.push(`http.host ${http.host} without http.certFile and http.keyFile`);
    }
    const brokers: (readonly [string, string | undefined])[] = [
      ["mqtt.url", mqtt.url],
      ...sparkplug.brokers.map(({ url }, i): readonly [string, string] => [`sparkplug.brokers[${i}].url`, url]),
    ];
    for (const [key, url] of brokers) {
      if (isPlain(url)) problems.push(`${key} without TLS (expected mqtts://) to another machine`);
    }
    if (mqtt.url === undefined && !loopback.test(mqtt.host)) {
      problems.push(`the embedded broker, which has no TLS, on mqtt.host ${mqtt.host}`);
    }
  }
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `security.level ${security.level} does not allow ${problem}`);
  throw new HostError("config-invalid", lines.join("\n"));
}

function isPlain(url: string | undefined): boolean {
  const place = url === undefined ? null : URL.parse(url);
  return place !== null && !/^(mqtts|wss):$/.test(place.protocol) && !loopback.test(place.hostname);
}
