import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FacadeFixture } from "../support/facade-fixture.ts";

/** Text that people and devices bring in is shown as text: never as a page, whatever route gives it back. */

const evil = `<script>alert(1)</script>"><img src=x onerror=alert(2)>`;

let facade: FacadeFixture;

beforeAll(async () => {
  facade = await FacadeFixture.open({ requestsPerMinute: 1_000_000 });
});

afterAll(() => facade[Symbol.asyncDispose]());

/** What is wrong with how a browser would take an answer; undefined when it can be nothing but data. */
function dangerOf(path: string, { headers }: LightMyRequestResponse): string | undefined {
  const type = headers["content-type"] ?? "application/json";
  const policy = String(headers["content-security-policy"]);
  if (headers["x-content-type-options"] !== "nosniff") return `${path}: may be sniffed`;
  if (!/^(application\/(json|octet-stream|xml|yaml)|text\/(plain|csv))/.test(type)) return `${path}: ${type}`;
  return policy.startsWith("default-src 'none'") ? undefined : `${path}: ${policy}`;
}

async function bringIn(): Promise<void> {
  const { fleet, parts } = facade;
  const payload = { assetId: evil, componentName: evil };
  const named = await facade.as("maintenance", { method: "PUT", url: "/api/v1/devices/CB-1/tag", payload });
  expect(named.statusCode).toBe(204);
  const audited = { commandId: "", user: "anna", origin: evil, device: "CB-1", action: evil, detail: evil };
  fleet.control.audit.note({ at: 0, kind: "session", ...audited });
  await parts.access.login(
    { name: "viewer", password: "password of viewer" },
    { origin: "test", client: "x", application: evil },
  );
}

describe("stored text", () => {
  it("comes back as data from every route: a type that is no page, not to be sniffed, under a policy that runs nothing", async () => {
    await bringIn();
    const dangers: string[] = [];
    let shown = 0;
    for (const { method, url } of facade.app.guardedRoutes) {
      if (method !== "GET" || url.startsWith("/docs") || url === "/ws") continue;
      const fill = (text: string): string => url.replace(":id", "CB-1").replaceAll(/:[a-zA-Z]+|\*/g, text);
      for (const path of [fill("CurrentPhaseA"), fill(encodeURIComponent(evil))]) {
        const answer = await facade.as("administrator", { url: path });
        if (answer.body.includes("<script>")) shown += 1;
        dangers.push(dangerOf(path, answer) ?? "");
      }
    }
    const refused = await facade.app.inject({ url: `/${encodeURIComponent(evil)}?x=${encodeURIComponent(evil)}` });

    expect(dangers.filter((danger) => danger !== "")).toEqual([]);
    expect(dangerOf("/nowhere", refused)).toBeUndefined();
    // A control: the text was really given back, as what it is.
    expect(shown).toBeGreaterThan(3);
    expect(await facade.get("/api/v1/devices/CB-1/nameplate")).toMatchObject({
      assetId: evil,
      componentName: evil,
    });
  });

  it("has no place in the only pages there are, which load and run their own files alone", async () => {
    const pages = ["/docs", "/docs/", `/docs/?url=//evil.example/${evil}`];
    const answers = await Promise.all(pages.map((url) => facade.app.inject({ url: encodeURI(url) })));

    for (const { headers, body } of answers) {
      const policy = String(headers["content-security-policy"]);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(policy).toMatch(/^default-src 'none';.* script-src 'self';/);
      expect(policy).not.toMatch(/unsafe|https:|upgrade-insecure|swagger\.io/);
      expect(body).not.toMatch(/<script>|<script[^>]*>[^<\s]|\son\w+=|evil/);
      expect([...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^(\/docs|\.)\/static\//)]),
      );
    }
  });
});
