import { describe, expect, it } from "vitest";
import { FacadeFixture } from "../../support/facade-fixture.ts";

const login = { user: "operator", password: "password of operator" };

describe("sessions over HTTP", () => {
  it("gives a token that opens the routes of its role until logout", async () => {
    await using facade = await FacadeFixture.open();
    const answer = await facade.app.inject({ method: "POST", url: "/api/v1/login", payload: login });
    const { token } = answer.json<{ token: string }>();
    const headers = { authorization: `Bearer ${token}` };

    const me = await facade.app.inject({ url: "/api/v1/me", headers });
    const out = await facade.app.inject({ method: "POST", url: "/api/v1/logout", headers });
    const after = await facade.app.inject({ url: "/api/v1/me", headers });

    expect(me.json()).toMatchObject({ user: "operator", roles: ["operator"] });
    expect([out.statusCode, after.statusCode]).toEqual([204, 401]);
    expect(after.json()).toMatchObject({ code: "not-authenticated" });
  });

  it("keeps the cookie from scripts and foreign pages, and asks for the CSRF token with every change", async () => {
    await using facade = await FacadeFixture.open({ isTls: true });
    const answer = await facade.app.inject({
      method: "POST",
      url: "/api/v1/login",
      payload: { ...login, cookie: true },
    });
    const { token, csrfToken } = answer.json<{ token: string; csrfToken: string }>();
    const [cookie] = answer.cookies;
    const cookies = { [cookie?.name ?? ""]: cookie?.value ?? "" };
    const logout = { method: "POST", url: "/api/v1/logout", cookies } as const;

    const look = await facade.app.inject({ url: "/api/v1/me", cookies });
    const without = await facade.app.inject(logout);
    const wrong = await facade.app.inject({ ...logout, headers: { "x-csrf-token": `${csrfToken}x` } });
    const right = await facade.app.inject({ ...logout, headers: { "x-csrf-token": csrfToken } });

    expect(token).toBe("");
    expect(cookie).toMatchObject({
      name: "__Host-fdi-session",
      httpOnly: true,
      sameSite: "Strict",
      secure: true,
      path: "/",
    });
    expect([look.statusCode, without.statusCode, wrong.statusCode, right.statusCode]).toEqual([200, 403, 403, 204]);
  });

  it("limits logins per address, whatever a proxy header claims", async () => {
    await using facade = await FacadeFixture.open();
    const statuses: number[] = [];
    for (let i = 0; i < 25; i += 1) {
      const headers = { "x-forwarded-for": `10.0.0.${i}` };
      const payload = { ...login, user: `guess ${i}` };
      statuses.push((await facade.app.inject({ method: "POST", url: "/api/v1/login", payload, headers })).statusCode);
    }

    expect(statuses.slice(0, 4)).toEqual([401, 401, 401, 401]);
    expect(new Set(statuses.slice(5))).toEqual(new Set([429]));
  });
});
