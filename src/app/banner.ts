import { relative } from "node:path";
import type { Host } from "./host.ts";

/** What a person needs to know right after the start: where things are, how to log in, how to stop, what to do next. */
export function bannerOf(host: Host, version: string, seconds: number): string {
  const { config, opcua, http, ownUser, brokerUrl } = host;
  const shown = (path: string): string => relative(process.cwd(), path) || path;
  const lines: [string, string][] = [
    ["OPC UA", opcua.endpointUrl],
    ["security", securityOf(host)],
  ];
  if (ownUser !== undefined) lines.push(["log in", loginOf(host, shown(ownUser.passwordPath))]);
  lines.push(
    ["HTTP", `${http.url}/health/ready`],
    [
      "MQTT",
      `${withoutPassword(brokerUrl)}${config.mqtt.url === undefined ? "  (embedded broker; a real one: FDI_HOST_MQTT_URL=mqtt://...)" : ""}`,
    ],
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
  const secure = "Basic256Sha256, Aes128, Aes256 (SignAndEncrypt)";
  return config.opcua.allowInsecure ? `${secure}; DEMO ON LOOPBACK ONLY: also None, and anonymous to look` : secure;
}

function loginOf({ config, ownUser }: Host, passwordFile: string): string {
  if (ownUser === undefined) return "";
  // Only in the demo, which nobody outside this machine can reach, is the password itself shown.
  return config.demo === undefined
    ? `user ${ownUser.name}, password in ${passwordFile}`
    : `user ${ownUser.name}, password ${ownUser.password}  (to call Trip and Close; kept in ${passwordFile})`;
}

function nextOf({ config }: Host): string {
  return config.demo === undefined
    ? "connect breakers to the broker; each appears under Objects/DeviceSet at its BIRTH"
    : "open the OPC UA address in UaExpert, browse Objects/DeviceSet/CB-0001, call MethodSet/Trip";
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}
