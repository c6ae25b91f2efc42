import { describe, expect, it } from "vitest";
import { loadConfig, parseConfig } from "#config/load-config.ts";

const load = (env: NodeJS.ProcessEnv = {}, demo?: boolean) =>
  loadConfig({ file: undefined, demo, env, workingFolder: "/srv/host" });

describe("configuration file", () => {
  it("accepts an empty file", () => {
    expect(parseConfig("", "host.yaml")).toEqual({});
  });

  it("names file, line, value and allowed range of a wrong value", () => {
    const text = "opcua:\n  port: 4840\nhttp:\n  port: 99999\n";

    expect(() => parseConfig(text, "host.yaml")).toThrow(
      "host.yaml:4: http.port is 99999; expected a whole number from 0 to 65535",
    );
  });

  it("refuses an unknown key and lists the allowed ones", () => {
    expect(() => parseConfig("mqtt:\n  urll: mqtt://x\n", "host.yaml")).toThrow(
      /^host\.yaml:2: unknown key mqtt\.urll; allowed here: url, port, host, /,
    );
  });

  it("lists the choices of a closed value", () => {
    expect(() => parseConfig("log:\n  level: loud\n", "host.yaml")).toThrow(
      'host.yaml:2: log.level is "loud"; expected one of trace, debug, info, warn, error, silent',
    );
  });

  it("reports every problem at once, each on its own line", () => {
    const attempt = () => parseConfig("demo:\n  devices: 0\nhtpp: {}\n", "host.yaml");

    expect(attempt).toThrow(/host\.yaml:2: demo\.devices is 0.*\n?/);
    expect(attempt).toThrow(/host\.yaml:3: unknown key htpp/);
  });

  it("reports the line of broken YAML", () => {
    expect(() => parseConfig("data: x\nmqtt: [1\n", "host.yaml")).toThrow(/^host\.yaml:[23]: /);
  });

  it("names an unreadable file", async () => {
    const missing = loadConfig({ file: "nowhere.yaml", demo: undefined, env: {}, workingFolder: "/srv/host" });

    await expect(missing).rejects.toThrow(/^nowhere\.yaml cannot be read: .*ENOENT/);
  });
});

describe("decided configuration", () => {
  it("is the loopback demo without a file", async () => {
    const config = await load();

    expect(config.demo).toEqual({ devices: 12 });
    expect(config.opcua.allowInsecure).toBe(true);
    expect([config.opcua.host, config.http.host, config.mqtt.host]).toEqual(["127.0.0.1", "127.0.0.1", "127.0.0.1"]);
  });

  it("offers nothing insecure without the demo", async () => {
    const config = await load({}, false);

    expect(config.demo).toBeUndefined();
    expect(config.opcua.allowInsecure).toBe(false);
  });

  it("lets the environment override ports, data folder and services", async () => {
    const config = await load({
      FDI_HOST_OPCUA_PORT: "4900",
      FDI_HOST_DATA: "/var/lib/fdi",
      FDI_HOST_MQTT_URL: "mqtt://broker",
      FDI_HOST_DATABASE_URL: "postgres://db/fdi",
    });

    expect(config.opcua.port).toBe(4900);
    expect(config.dataFolder).toBe("/var/lib/fdi");
    expect(config.mqtt.url).toBe("mqtt://broker");
    expect(config.databaseUrl).toBe("postgres://db/fdi");
  });

  it("refuses a port variable that is not a port", async () => {
    await expect(load({ FDI_HOST_HTTP_PORT: "80a" })).rejects.toThrow(
      'FDI_HOST_HTTP_PORT is "80a"; expected a whole number from 0 to 65535',
    );
  });
});
