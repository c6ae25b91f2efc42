import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PackageCatalogue } from "#app/package-catalogue.ts";
import { packContainer } from "#fdi/container/pack-container.ts";
import { type SigningIdentity, signContainer } from "#fdi/container/sign-container.ts";
import { readDevicePackage } from "#fdi/read-package.ts";
import type { PackageRole } from "#model/command-spec.ts";
import { FacadeFixture } from "../support/facade-fixture.ts";
import { temporaryFolder } from "../support/host-process.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { rootCertificate, signer, stranger } from "../unit/fdi/support/signed-package.ts";
import { packageText } from "../unit/fdi/v2/package-text.ts";

/** Package files over real sockets into a real catalogue, which wants trusted signatures. */

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

let folder: Folder;
let facade: FacadeFixture;
let base: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, "trust", "trusted"), { recursive: true });
  await writeFile(join(folder.path, "trust", "trusted", "root.pem"), rootCertificate.toString());
  facade = await FacadeFixture.open({}, async (fleet) => ({
    packages: await PackageCatalogue.open(folder.path, fleet, silentLogger()),
  }));
  base = await facade.listen();
});

afterAll(async () => {
  await facade?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function send(role: PackageRole, path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${await facade.tokenOf(role)}`);
  const answer = await fetch(`${base}/api/v1/packages${path}`, { ...init, headers });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

function upload(path: string, bytes: Uint8Array<ArrayBuffer>, role: PackageRole = "administrator"): Promise<Answer> {
  return send(role, path, { method: "POST", headers: { "content-type": "application/octet-stream" }, body: bytes });
}

function change(what: "activate" | "retire" | "remove", key: string, role: PackageRole = "administrator") {
  const headers = { "content-type": "application/json" };
  return send(role, `/${what}`, { method: "POST", headers, body: JSON.stringify({ key }) });
}

/** Gives the device CB-1 a package. */
async function give(key: string): Promise<Answer> {
  const payload = { package: key };
  const answer = await facade.as("administrator", { method: "PUT", url: "/api/v1/devices/CB-1/package", payload });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

/** A signed container of `acme/b`; each further revision has a parameter more. */
async function fdix(revision: string, identity: SigningIdentity = signer()): Promise<Uint8Array<ArrayBuffer>> {
  const more = revision === "1.0.0" ? "" : '<Parameter id="Added" dataType="float" group="Operational"/>';
  const position = '<Parameter id="Position" dataType="int32" group="Operational"/>';
  const root = `schemaVersion="2" id="acme/b" revision="${revision}"`;
  const bytes = Buffer.from(packageText({ root, parameters: `${position}${more}` }));
  const { package: pkg } = readDevicePackage(bytes, "b.fdi");
  const packed = await packContainer(pkg, bytes, () => Promise.reject(new Error("it has no documents")));
  return new Uint8Array(await signContainer(packed, "b.fdix", identity, facade.fleet.clock.now()));
}

async function states(): Promise<string[]> {
  const { body } = await send("viewer", "");
  const items = body["items"] as readonly { readonly key: string; readonly state: string }[];
  return items.filter(({ key }) => key.startsWith("acme/")).map(({ key, state }) => `${key} ${state}`);
}

it("looks into a signed package, takes it in, gives it to new devices, compares, retires and removes it", async () => {
  const [first, second] = [await fdix("1.0.0"), await fdix("1.1.0")];
  const before = await upload("/preview?source=b.fdix", first);
  const taken = [await upload("?source=b.fdix", first), await change("activate", "acme/b@1.0.0")];
  const form = new FormData();
  form.set("file", new Blob([second]), "b-next.fdix");
  const next = await send("administrator", "/preview", { method: "POST", body: form });
  const nextTaken = await send("administrator", "", { method: "POST", body: form });
  const listed = await states();
  const diff = await send("viewer", "/diff?before=acme/b@1.0.0&after=acme/b@1.1.0");
  const schema = await fetch(`${base}/api/schemas/B/compare?v1=1.0.0&v2=latest`, {
    headers: { authorization: `Bearer ${await facade.tokenOf("viewer")}` },
  });
  const retired = await change("retire", "acme/b@1.1.0");
  const chosen = await give("acme/b@1.1.0");
  const removed = await change("remove", "acme/b@1.1.0");
  const after = await send("viewer", "/diff?before=acme/b@1.0.0&after=acme/b@1.1.0");

  expect(before).toMatchObject({ status: 200, body: { key: "acme/b@1.0.0", replaces: null, objection: null } });
  expect(taken.map(({ status }) => status)).toEqual([201, 200]);
  expect(taken[0]?.body).toMatchObject({
    state: "installed",
    signature: "trusted",
    signer: "CN=Test Signer",
    devices: 0,
  });
  const added = [{ kind: "added", section: "parameter", name: "Added", breaking: false }];
  expect(next.body).toMatchObject({ replaces: "acme/b@1.0.0", changes: { breaking: false, items: added } });
  expect(nextTaken).toMatchObject({ status: 201, body: { source: "b-next.fdix" } });
  expect(listed).toEqual(["acme/b@1.0.0 active", "acme/b@1.1.0 installed"]);
  expect(diff.body).toMatchObject({ breaking: false, items: added });
  expect(await schema.json()).toMatchObject({ success: true, data: { breaking_changes: false, removed_fields: [] } });
  expect([retired.status, removed.status]).toEqual([200, 204]);
  expect(chosen).toMatchObject({ status: 400, body: { code: "argument-invalid" } });
  expect(after).toMatchObject({ status: 404, body: { code: "thing-unknown" } });
  expect(await states()).toEqual(["acme/b@1.0.0 active"]);
  const actions = facade.fleet.audit.entries.filter(({ kind }) => kind === "package").map(({ action }) => action);
  expect(actions).toEqual([
    "install package acme/b@1.0.0",
    "activate package acme/b@1.0.0",
    "install package acme/b@1.1.0",
    "retire package acme/b@1.1.0",
    "remove package acme/b@1.1.0",
  ]);
});

it("takes nothing in that is not what a trusted signer signed, and says why before and after", async () => {
  const altered = await fdix("2.0.0");
  const middle = altered.length >> 1;
  altered[middle] = (altered[middle] ?? 0) ^ 1;
  const strange = await fdix("2.0.0", stranger());
  const bare = new Uint8Array(Buffer.from(packageText()));
  const count = (await states()).length;
  const refused = [await upload("", altered), await upload("", strange), await upload("", bare)];
  const { body } = await upload("/preview", strange);

  expect(refused.map(({ status, body: { code } }) => `${status} ${String(code)}`)).toEqual(
    refused.map(() => "422 package-invalid"),
  );
  expect(refused[2]?.body["message"]).toBe("upload is not signed");
  expect(body["signature"]).toMatch(/Stranger.*not trusted/);
  expect(body["objection"]).toBe(refused[1]?.body["message"]);
  expect((await states()).length).toBe(count);
});

it("takes no file that is too large, of another kind, or from others than administrators", async () => {
  const huge = new Uint8Array(33 * 1024 * 1024);
  const form = new FormData();
  form.set("file", new Blob([huge]), "huge.fdix");
  const small = await fdix("3.0.0");
  const answers = [
    await upload("", huge),
    await send("administrator", "", { method: "POST", body: form }),
    await send("administrator", "", { method: "POST", body: "x", headers: { "content-type": "image/png" } }),
    await upload("", small, "maintenance"),
    await upload("/preview", small, "maintenance"),
    await change("activate", "acme/b@1.0.0", "maintenance"),
    await change("activate", "acme/none@1.0.0"),
    await change("retire", "acme/b@1.1.0"),
    await change("remove", "test/breaker@1.0.0"),
  ];

  expect(answers.map(({ status, body: { code } }) => `${status} ${String(code)}`)).toEqual([
    "413 body-too-large",
    "413 body-too-large",
    "415 media-type-unsupported",
    "403 access-denied",
    "403 access-denied",
    "403 access-denied",
    "404 thing-unknown",
    "404 thing-unknown",
    "422 package-invalid",
  ]);
});
