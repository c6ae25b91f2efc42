import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { FacadeFixture } from "../../support/facade-fixture.ts";

describe("the description of the API", () => {
  it("is valid OpenAPI and has every route", async () => {
    await using facade = await FacadeFixture.open();
    const answer = await facade.app.inject({ url: "/docs/json" });
    const document = answer.json<{ openapi: string; paths: Record<string, Record<string, unknown>> }>();

    const verdict = await new Validator().validate(structuredClone(document));
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = facade.app.guardedRoutes
      .filter(({ method, url }) => method !== "HEAD" && !url.startsWith("/docs") && url !== "/ws")
      .map(({ method, url }) => `${method} ${url.replaceAll(/:([a-zA-Z]+)/g, "{$1}").replace("*", "{*}")}`);

    expect(verdict.errors).toBeUndefined();
    expect(verdict.valid).toBe(true);
    expect(document.openapi).toBe("3.1.0");
    expect(described.toSorted()).toEqual(routes.toSorted());
  });

  it("shows itself in the browser under a policy that lets nothing foreign run", async () => {
    await using facade = await FacadeFixture.open();

    const page = await facade.app.inject({ url: "/docs/" });

    expect(page.statusCode).toBe(200);
    expect(String(page.headers["content-security-policy"])).toContain("script-src 'self';");
    expect(String(page.headers["content-security-policy"])).not.toMatch(/unsafe|https?:|upgrade/);
  });
});
