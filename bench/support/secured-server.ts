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

const bench: UserIdentityInfo = { type: UserTokenType.UserName, userName: "bench", password: "bench" };
const anonymous: UserIdentityInfo = { type: UserTokenType.Anonymous };

/** A client that signs and encrypts, for calls of methods. */
export class SecuredClient implements AsyncDisposable {
  readonly session: ClientSession;
  readonly #client: OPCUAClient;
  readonly #folder: string;

  private constructor(session: ClientSession, client: OPCUAClient, folder: string) {
    [this.session, this.#client, this.#folder] = [session, client, folder];
  }

  static async connect(port: number, user: "bench" | "anonymous"): Promise<SecuredClient> {
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
    return new SecuredClient(await client.createSession(user === "bench" ? bench : anonymous), client, folder);
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close();
    await this.#client.disconnect();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A file of this folder as a server in a process of its own. */
export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    [this.port, this.#child] = [port, child];
  }

  /** `args` follow the port. */
  static async start(file: string, ...args: readonly number[]): Promise<ServerProcess> {
    const port = await freePort();
    const child = fork(join(import.meta.dirname, file), [port, ...args].map(String));
    await new Promise<void>((ready, failed) => {
      child.once("message", () => ready());
      child.once("exit", () => failed(new Error(`${file} ended`)));
    });
    return new ServerProcess(port, child);
  }

  /** Milliseconds of processor time that it has used, or its main thread alone. */
  async cpuMs(whose: "process" | "thread" = "process"): Promise<number> {
    const answer = once(this.#child, "message");
    this.#child.send(whose);
    const [used] = (await answer) as [number];
    return used;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
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
