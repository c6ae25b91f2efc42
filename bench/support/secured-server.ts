import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OPCUACertificateManager } from "node-opcua";
import {
  type CallMethodRequestLike,
  type ClientSession,
  DataType,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  StatusCodes,
  type UserIdentityInfo,
  UserTokenType,
} from "node-opcua-client";
import { freePort } from "./free-port.ts";

const scripts = {
  /** The host over breakers that answer at once. */
  host: {
    file: "loopback-host.ts",
    user: { type: UserTokenType.UserName, userName: "bench", password: "bench" },
  },
  /** node-opcua alone, with a method that does nothing. */
  empty: { file: "empty-method-host.ts", user: { type: UserTokenType.Anonymous } },
} as const satisfies Record<string, { readonly file: string; readonly user: UserIdentityInfo }>;

/** A server in a process of its own with a client that signs and encrypts, for calls of methods. */
export class SecuredServer implements AsyncDisposable {
  readonly session: ClientSession;
  readonly #client: OPCUAClient;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(parts: {
    readonly session: ClientSession;
    readonly client: OPCUAClient;
    readonly child: ChildProcess;
    readonly folder: string;
  }) {
    ({ session: this.session, client: this.#client, child: this.#child, folder: this.#folder } = parts);
  }

  /** `devices`: breakers of the host. */
  static async start(kind: keyof typeof scripts, devices = 0): Promise<SecuredServer> {
    const port = await freePort();
    const { file, user } = scripts[kind];
    const child = fork(join(import.meta.dirname, file), [String(port), String(devices)]);
    await new Promise<void>((ready, failed) => {
      child.once("message", () => ready());
      child.once("exit", () => failed(new Error(`${file} ended`)));
    });
    const folder = mkdtempSync(join(tmpdir(), "fdi-host-bench-client-"));
    const client = OPCUAClient.create({
      endpointMustExist: false,
      securityMode: MessageSecurityMode.SignAndEncrypt,
      securityPolicy: SecurityPolicy.Basic256Sha256,
      clientCertificateManager: new OPCUACertificateManager({
        rootFolder: folder,
        automaticallyAcceptUnknownCertificate: true,
      }),
    });
    await client.connect(`opc.tcp://127.0.0.1:${port}`);
    return new SecuredServer({ session: await client.createSession(user), client, child, folder });
  }

  /** Calls methods with a reason in one request; gives the milliseconds that it took. Throws when one is not Good. */
  async call(methods: readonly { readonly objectId: string; readonly methodId: string }[]): Promise<number> {
    const inputArguments = [{ dataType: DataType.String, value: "bench" }];
    const requests: CallMethodRequestLike[] = methods.map((method) => ({ ...method, inputArguments }));
    const started = performance.now();
    const results = await this.session.call(requests);
    const ms = performance.now() - started;
    const bad = results.findIndex(({ statusCode }) => statusCode !== StatusCodes.Good);
    if (bad >= 0) throw new Error(`${methods[bad]?.objectId}: ${results[bad]?.statusCode.toString()}`);
    return ms;
  }

  /** Milliseconds of processor time that the server has used. */
  async cpuMs(): Promise<number> {
    const answer = once(this.#child, "message");
    this.#child.send("cpu");
    const [used] = (await answer) as [number];
    return used;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close();
    await this.#client.disconnect();
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Trip and Close of breakers of the host. */
export async function breakerMethods(session: ClientSession) {
  const { references } = await session.browse("ns=1;s=CB-0001/MethodSet");
  const ids = new Map((references ?? []).map(({ browseName, nodeId }) => [browseName.name ?? "", nodeId.toString()]));
  const of = (method: string) => (device: string) => ({
    objectId: `ns=1;s=${device}/MethodSet`,
    methodId: ids.get(method) ?? "",
  });
  return { trip: of("Trip"), close: of("Close") };
}

/** The method that does nothing. */
export const emptyMethod = { objectId: "ns=1;s=Nothing", methodId: "ns=1;s=Nothing/Do" } as const;
