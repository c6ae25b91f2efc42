import {
  type ClientSession,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  SecurityPolicy,
  UserTokenType,
} from "node-opcua";
import { HostError, messageOf } from "#model/errors.ts";

export interface DoctorLogin {
  readonly user: string;
  readonly password: string;
}

export interface ConnectOptions {
  readonly endpointUrl: string;
  /** With a login the session is signed and encrypted (Basic256Sha256); without, it is anonymous and open. */
  readonly login?: DoctorLogin;
  /** Keeps the client's own certificate, so that a server has to be told to trust it only once. */
  readonly pkiFolder: string;
}

const applicationName = "fdi-host doctor";

/** Opens a session for reading. Throws `command-not-sent` naming the address and the cause. */
export async function openSession(
  options: ConnectOptions,
): Promise<AsyncDisposable & { readonly session: ClientSession }> {
  const { endpointUrl, login } = options;
  const client = OPCUAClient.create({
    applicationName,
    endpointMustExist: false,
    securityMode: login === undefined ? MessageSecurityMode.None : MessageSecurityMode.SignAndEncrypt,
    securityPolicy: login === undefined ? SecurityPolicy.None : SecurityPolicy.Basic256Sha256,
    connectionStrategy: { maxRetry: 0, initialDelay: 100 },
    clientCertificateManager: new OPCUACertificateManager({
      rootFolder: options.pkiFolder,
      automaticallyAcceptUnknownCertificate: true,
    }),
  });
  try {
    await client.connect(endpointUrl);
    const session = await client.createSession(
      login === undefined
        ? { type: UserTokenType.Anonymous }
        : { type: UserTokenType.UserName, userName: login.user, password: login.password },
    );
    return {
      session,
      async [Symbol.asyncDispose]() {
        await session.close().catch(() => {});
        await client.disconnect();
      },
    };
  } catch (error) {
    await client.disconnect().catch(() => {});
    const cause = messageOf(error)
      .trim()
      .replaceAll(/\s*\n\s*/g, " ");
    throw new HostError("command-not-sent", `${endpointUrl}: no session: ${cause}`, { cause: error });
  }
}
