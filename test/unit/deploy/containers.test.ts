import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { decideConfig } from "#config/host-config.ts";
import { parseConfig } from "#config/load-config.ts";

/** There is no container engine here: what can be known without one is that every name in these files leads somewhere. */

const root = resolve(import.meta.dirname, "../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly user?: string;
  readonly profiles?: readonly string[];
  readonly privileged?: boolean;
  readonly restart?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>;
  readonly healthcheck?: { readonly test: readonly string[]; readonly interval: string; readonly retries: number };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const compose = parse(read("docker-compose.yml"), { uniqueKeys: true, strict: true }) as Compose;
const services = Object.entries(compose.services);
const configs = ["deploy/host.yaml", "deploy/host-timescale.yaml"];

describe("docker-compose.yml", () => {
  it("has the host, a broker, and the rest in profiles", () => {
    const profiles = Object.fromEntries(services.map(([name, { profiles: own = [] }]) => [name, own]));

    expect(profiles).toEqual({
      host: [],
      mosquitto: [],
      timescaledb: ["timescale"],
      prometheus: ["monitoring"],
      grafana: ["monitoring"],
    });
  });

  it("pins every image, restarts every service, asks each whether it is well, and gives none more than it needs", () => {
    for (const [name, service] of services) {
      expect([name, service.image]).toEqual([
        name,
        expect.stringMatching(/^[a-z0-9/-]+:v?\d+\.\d+\.\d+(-[a-z0-9]+)?$/),
      ]);
      expect([name, service.restart]).toEqual([name, "unless-stopped"]);
      expect([name, service.privileged]).toEqual([name, undefined]);
      expect([name, service.healthcheck?.test[0]]).toEqual([name, expect.stringMatching(/^CMD(-SHELL)?$/)]);
      expect([name, service.healthcheck?.retries ?? 0]).not.toEqual([name, 0]);
      expect(service.healthcheck?.test.join(" ")).not.toMatch(/\bexit 0\b|\btrue$/);
    }
  });

  it("declares what it uses and uses what it declares: volumes, secrets, files, services", () => {
    const used = { volumes: new Set<string>(), secrets: new Set<string>() };
    const missing: string[] = [];
    for (const [name, service] of services) {
      for (const volume of service.volumes ?? []) {
        const [source = ""] = volume.replace("${FDI_HOST_CONFIG:-host.yaml}", "host.yaml").split(":");
        if (!source.startsWith("./")) used.volumes.add(source);
        else if (!existsSync(join(root, source))) missing.push(`${name}: ${source}`);
      }
      for (const secret of service.secrets ?? []) used.secrets.add(secret);
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        const isThere = compose.services[other]?.healthcheck !== undefined && condition === "service_healthy";
        if (!isThere) missing.push(`${name}: depends on ${other}`);
      }
    }

    expect(missing).toEqual([]);
    expect([...used.volumes].sort()).toEqual(Object.keys(compose.volumes).sort());
    expect([...used.secrets].sort()).toEqual(Object.keys(compose.secrets).sort());
  });

  it("keeps secrets in files that git never sees, and lets the world reach what is encrypted only", () => {
    const ignored = read(".gitignore").split("\n");
    const files = Object.values(compose.secrets).map(({ file }) => file);
    const environment = services.flatMap(([, service]) => Object.entries(service.environment ?? {}));
    const ports = services.flatMap(([, service]) => service.ports ?? []);

    expect(files.every((file) => file.startsWith("./deploy/secrets/"))).toBe(true);
    expect(ignored).toContain("deploy/secrets/");
    expect(
      environment.filter(([name, value]) => /pass|secret|token|key/i.test(name) && !value.startsWith("/run/")),
    ).toEqual([]);
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual(["4840:4840", "8883:8883"]);
  });
});

describe("what the containers read", () => {
  it.each(configs)(
    "%s is a configuration of the host whose secrets are mounted and whose broker is the one beside it",
    (path) => {
      const file = parseConfig(read(path), path);
      const config = decideConfig(file, {}, { demo: undefined, folder: "/", hasFile: true });
      const mounted = new Set((compose.services["host"]?.secrets ?? []).map((name) => `/run/secrets/${name}`));
      const wanted = [
        config.mqtt.passwordFile,
        config.mqtt.caFile,
        config.databaseUrlFile,
        ...config.opcua.users.map(({ passwordFile }) => passwordFile),
      ].filter((name) => name !== undefined);

      expect(config.demo).toBeUndefined();
      expect(config.opcua.allowInsecure).toBe(false);
      expect(wanted.filter((name) => !mounted.has(name))).toEqual([]);
      expect(config.mqtt.url).toBe("mqtts://mosquitto:8883");
      expect(config.databaseUrlFile === undefined).toBe(path === "deploy/host.yaml");
    },
  );

  it("the broker lets nobody in without a name and TLS, and devices reach their own topics only", () => {
    const settings = new Map(
      read("deploy/mosquitto/mosquitto.conf")
        .split("\n")
        .map((line) => [line.split(" ")[0], line]),
    );
    const mounted = (compose.services["mosquitto"]?.secrets ?? []).map((name) => `/run/secrets/${name}`);
    const acl = read("deploy/mosquitto/acl")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));

    expect(settings.get("allow_anonymous")).toBe("allow_anonymous false");
    expect([...settings.values()].filter((line) => line.startsWith("listener"))).toEqual(["listener 8883"]);
    for (const name of ["cafile", "certfile", "keyfile", "password_file"]) {
      expect(mounted).toContain(settings.get(name)?.split(" ")[1]);
    }
    const patterns = acl.filter((line) => line.startsWith("pattern") && !line.endsWith("STATE/+"));
    expect(patterns.length).toBeGreaterThan(10);
    expect(patterns.filter((line) => !line.includes("/%u"))).toEqual([]);
    expect(acl.filter((line) => line.startsWith("topic")).slice(-1)).toEqual(["topic read $SYS/broker/uptime"]);
  });

  it("Prometheus asks the host's metrics with a user that the host knows", () => {
    const prometheus = parse(read("deploy/prometheus/prometheus.yml")) as {
      readonly scrape_configs: readonly {
        readonly basic_auth: { readonly username: string; readonly password_file: string };
        readonly static_configs: readonly { readonly targets: readonly string[] }[];
      }[];
    };
    const [job] = prometheus.scrape_configs;
    const { opcua } = parseConfig(read("deploy/host.yaml"), "host.yaml");

    expect(opcua?.users?.find(({ name }) => name === job?.basic_auth.username)).toMatchObject({
      role: "viewer",
      passwordFile: job?.basic_auth.password_file,
    });
    expect(job?.static_configs[0]?.targets).toEqual(["host:8080"]);
  });

  it("make-secrets.sh makes every secret once, with a certificate that the authority vouches for", () => {
    const folder = mkdtempSync(join(tmpdir(), "fdi-host-secrets-"));
    try {
      const env = { ...process.env, FDI_HOST_SECRETS: folder };
      const run = (...args: string[]): string =>
        execFileSync("bash", [join(root, "deploy/make-secrets.sh"), ...args], { env }).toString();
      run();
      const first = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
      run();
      run("device", "CB-0001");
      for (const name of ["rd", "fdi-host", "a/b"]) expect(() => run("device", name)).toThrow(/reserved|letters/);

      const ca = new X509Certificate(first.get("plant-ca.pem") ?? "");
      const broker = new X509Certificate(first.get("broker.pem") ?? "");
      const wanted = Object.values(compose.secrets).map(({ file }) => file.replace("./deploy/secrets/", ""));
      expect(wanted.filter((name) => !first.has(name))).toEqual([]);
      expect(broker.verify(ca.publicKey)).toBe(true);
      expect(broker.checkHost("mosquitto")).toBe("mosquitto");
      for (const name of wanted.filter((file) => file !== "broker-users")) {
        expect(readFileSync(join(folder, name), "utf8")).toBe(first.get(name));
      }
      const users = readFileSync(join(folder, "broker-users"), "utf8").trim().split("\n");
      expect(users.map((line) => line.replace(/\$.*/, ""))).toEqual(["fdi-host:", "probe:", "CB-0001:"]);
      expect(users.every((line) => /^[^:]+:\$7\$10000\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==$/.test(line))).toBe(true);
      expect(statSync(folder).mode & 0o077).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("Dockerfile", () => {
  const lines = read("Dockerfile")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const stages = lines.filter((line) => line.startsWith("FROM "));

  it("has two stages of the Node that the project is pinned to, and ends without root", () => {
    const { dependencies } = JSON.parse(read("package.json")) as { readonly dependencies: { readonly node: string } };
    const last = lines.slice(lines.lastIndexOf(stages.at(-1) ?? ""));

    expect(stages).toHaveLength(2);
    expect(stages.every((line) => line.startsWith(`FROM node:${dependencies.node}-`))).toBe(true);
    expect(last.findLast((line) => line.startsWith("USER "))).toBe("USER node");
    expect(last.indexOf("USER node")).toBeLessThan(last.findIndex((line) => line.startsWith("CMD ")));
    expect(last.some((line) => line.startsWith("HEALTHCHECK "))).toBe(true);
    expect(lines.some((line) => /\b(ARG|ENV)\b.*(pass|secret|token)/i.test(line))).toBe(false);
  });

  it("copies what is there, and all that the host reads", () => {
    const copied = lines
      .filter((line) => line.startsWith("COPY ") && !line.includes("--from"))
      .flatMap((line) => line.split(" ").slice(1, -1));

    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(copied).toEqual(expect.arrayContaining(["package-lock.json", "src", "nodesets", "fdi-packages"]));
  });

  it("needs no install script, and installs only what the lock file has the hash of", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as {
      readonly packages: Readonly<
        Record<string, { readonly hasInstallScript?: true; readonly integrity?: string; readonly dev?: true }>
      >;
    };
    const installed = Object.entries(packages).filter(([name]) => name !== "");
    const scripts = installed.filter(([, { hasInstallScript, dev }]) => hasInstallScript === true && dev !== true);

    // Node itself, which the image has already, and a warning about version ranges.
    expect(scripts.map(([name]) => name)).toEqual(["node_modules/node", "node_modules/protobufjs"]);
    expect(installed.filter(([, { integrity }]) => integrity?.startsWith("sha512-") !== true)).toEqual([]);
    expect(read("Dockerfile")).toMatch(/npm ci [^&]*--ignore-scripts/);
  });

  it("needs nothing at run time that is installed for development only", () => {
    const { dependencies } = JSON.parse(read("package.json")) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const files = ["src", "simulator"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
    );
    const imported = files
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) =>
        [...read(name).matchAll(/^import (?!type ).*?from "([^"#.][^"]*)"/gms)].map((match) => match[1] ?? ""),
      )
      .filter((name) => !name.startsWith("node:"))
      .map((name) =>
        name
          .split("/")
          .slice(0, name.startsWith("@") ? 2 : 1)
          .join("/"),
      );

    expect([...new Set(imported)].filter((name) => !(name in dependencies))).toEqual([]);
  });
});
