import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { expect, it } from "vitest";
import { HttpServer } from "#rest/http-server.ts";
import { FacadeFixture } from "../support/facade-fixture.ts";
import { freePort } from "../support/free-port.ts";
import { temporaryFolder } from "../support/host-process.ts";

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

it("tells over TLS that it is starting, and serves the whole facade once it is there", async () => {
  await using folder = await temporaryFolder();
  const [cert, key] = [join(folder.path, "cert.pem"), join(folder.path, "key.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, "-keyout", key, "-out", cert],
    { stdio: "ignore" },
  );
  const tls = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  await using facade = await FacadeFixture.open();
  const port = await freePort();
  await using server = new HttpServer({
    port,
    host: "127.0.0.1",
    tls,
    version: "1.2.3",
    health: () => [],
    corsOrigins: [],
    trustProxy: false,
    requestsPerMinute: 1_000,
  });
  const ask = (path: string, options: object = {}): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const request = get(
      `https://localhost:${port}${path}`,
      { ca: tls.cert, agent: false, family: 4, ...options },
      (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (part: string) => (body += part));
        answer.on("end", () => resolve({ status: answer.statusCode, body, headers: answer.headers }));
      },
    );
    request.on("error", reject);
    return promise;
  };

  await server.start();
  const early = [await ask("/health/live"), await ask("/api/v1/devices")];
  await server.serve(facade.parts);
  const late = [await ask("/health/live"), await ask("/api/v1/devices")];

  expect(early.map(({ status }) => status)).toEqual([200, 503]);
  expect(early[1]?.body).toContain('"code":"starting"');
  expect(late.map(({ status }) => status)).toEqual([200, 401]);
  expect(late[1]?.headers["strict-transport-security"]).toMatch(/max-age/);
  await expect(ask("/health/live", { maxVersion: "TLSv1.1" })).rejects.toThrow();
});

it("names port and setting when the port is taken", async () => {
  await using facade = await FacadeFixture.open();
  const port = Number(new URL(await facade.listen()).port);
  const options = { version: "1", health: () => [], corsOrigins: [], trustProxy: false, requestsPerMinute: 1_000 };
  await using server = new HttpServer({ port, host: "127.0.0.1", ...options });

  await expect(server.start()).rejects.toThrow(
    `port ${port} for HTTP is in use by another program; choose another with FDI_HOST_HTTP_PORT`,
  );
});
