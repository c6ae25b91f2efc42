import { relative } from "node:path";
import { shownUrl } from "#lib/shown-url.ts";
import type { Host } from "./host.ts";

/** What a person needs to know right after the start: where things are, how to log in, how to stop, what to do next. */
export function bannerOf(host: Host, version: string, seconds: number): string {
  const { config, opcua, http } = host;
  const shown = (path: string): string => relative(process.cwd(), path) || path;
  const lines: [string, string][] = [
    ["OPC UA", opcua.endpointUrl],
    ["security", securityOf(host)],
  ];
  for (const text of loginOf(host, shown)) lines.push(["log in", text]);
  lines.push(
    ["HTTP", `${http.url}/docs  (REST and WebSocket, to try; readiness: /health/ready)`],
    ["MQTT", brokerOf(host)],
    ["history", host.historian.health().detail],
    ["data", shown(config.dataFolder)],
  );
  if (config.demo !== undefined) {
    const last = String(config.demo.devices).padStart(4, "0");
    lines.push(["fleet", `${config.demo.devices} simulated breakers CB-0001 .. CB-${last} (without: --no-demo)`]);
    lines.push(["", "of each twelve: 1-6 Sparkplug B, 7-9 MQTT JSON, 10-11 LwM2M (JSON), 12 LwM2M (OMA binding)"]);
    lines.push(["watch", "within a minute CB-0003 is overloaded: it trips, raises its alarm and recloses (scripted)"]);
  }
  lines.push(["next", nextOf(host)], ["stop", "Ctrl+C"]);
  const body = lines.map(([name, text]) => `  ${name.padEnd(10)}${text}`).join("\n");
  return `\nfdi-host ${version} is ready (${seconds.toFixed(1)} s)\n\n${body}\n\n`;
}

function securityOf({ config }: Host): string {
  const { isInsecure, allowInsecure } = config.opcua;
  const { level, offersBasic256Sha256 } = config.security;
  const policies = offersBasic256Sha256 ? "Basic256Sha256, Aes128, Aes256" : "Aes128, Aes256";
  const secure = `${level}: ${policies} (SignAndEncrypt)`;
  if (isInsecure)
    return `!!! INSECURE !!! ${secure}; also None, and ANYBODY who reaches the port may look (--insecure)`;
  return allowInsecure ? `${secure}; DEMO ON LOOPBACK ONLY: also None, and anonymous to look` : secure;
}

/** Where devices report to; while it cannot be reached, why. */
function brokerOf({ config, fleet, brokerUrl }: Host): string {
  const away = fleet.transports.map((transport) => transport.health()).find(({ connected }) => !connected);
  if (away !== undefined) return `!!! not reached !!! ${away.detail}; trying again`;
  const own = "  (embedded broker; a real one: FDI_HOST_MQTT_URL=mqtt://...)";
  return `${shownUrl(brokerUrl)}${config.mqtt.url === undefined ? own : ""}`;
}

/** How to log in for the first time; a password is shown to a person at a terminal, not to a log that keeps it. */
function loginOf({ logins }: Host, shown: (path: string) => string): string[] {
  const { demoUser, firstAdministrator: first } = logins;
  if (demoUser !== undefined) {
    // Only in the demo, which nobody outside this machine can reach, is a password that stays shown.
    return [
      `user ${demoUser.name}, password ${demoUser.password}  (to call Trip and Close; kept in ${shown(demoUser.path)})`,
    ];
  }
  if (first === undefined) return [];
  const where = `in ${shown(first.path)}`;
  const password =
    first.password !== undefined && process.stdout.isTTY
      ? `${first.password}, shown only now and kept ${where}`
      : where;
  return [
    `user ${first.name}, one-time password ${password}; it opens nothing until it is changed: npm run fdi -- user passwd ${first.name} --password-file FILE`,
  ];
}

function nextOf({ config }: Host): string {
  return config.demo === undefined
    ? "connect breakers to the broker; trust an OPC UA client with npm run fdi -- certificates (docs/security.md)"
    : "open the OPC UA address in UaExpert, browse Objects/DeviceSet/CB-0001, call MethodSet/Trip";
}
