import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startHost } from "#app/host.ts";
import { loadConfig } from "#config/load-config.ts";
import { writeDevicePackage } from "#fdi/v2/write-device-package.ts";
import { createJsonLogger } from "#lib/logger.ts";
import { benchUser } from "./feed.ts";
import { packageOfFeed } from "./feed-of.ts";

export interface BenchHostOptions {
  readonly brokerPort: number;
  /** Without: the same device type, of which nothing is historized. */
  readonly hasHistory: boolean;
  readonly opcuaPort: number;
  readonly httpPort: number;
}

/** The whole host, ready, in this process, with all it writes in a new folder. */
export async function startBenchHost({ brokerPort, hasHistory, opcuaPort, httpPort }: BenchHostOptions) {
  const folder = await mkdtemp(join(tmpdir(), "fdi-host-bench-ingest-"));
  mkdirSync(join(folder, "packages"));
  if (!hasHistory) {
    const pkg = await packageOfFeed();
    const parameters = pkg.parameters.map((spec) => ({ ...spec, history: { historize: false, deadband: 0 } }));
    writeFileSync(join(folder, "packages/breaker.fdi"), writeDevicePackage({ ...pkg, parameters }));
  }
  writeFileSync(join(folder, "password"), benchUser.password);
  const config = await loadConfig({
    file: undefined,
    demo: false,
    workingFolder: folder,
    env: {
      FDI_HOST_DATA: join(folder, "data"),
      FDI_HOST_OPCUA_PORT: String(opcuaPort),
      FDI_HOST_HTTP_PORT: String(httpPort),
      FDI_HOST_MQTT_URL: `mqtt://127.0.0.1:${brokerPort}`,
    },
  });
  const log = createJsonLogger("warn", process.stderr);
  // So that clients of benchmarks need no certificate.
  const users = [{ name: benchUser.name, role: "viewer", passwordFile: join(folder, "password") } as const];
  const opcua = { ...config.opcua, allowInsecure: true, users };
  const settings = { ...config, opcua, packageFolders: [join(folder, "packages")] };
  const host = await startHost(settings, { log, version: "bench" });
  while (!host.health().every(({ ready }) => ready)) await sleep(50);
  return { host, folder };
}
