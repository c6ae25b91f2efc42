import { stat } from "node:fs/promises";
import { join } from "node:path";
import { callbackify } from "node:util";
import { OPCUACertificateManager, type StatusCode, StatusCodes } from "node-opcua";

export interface CertificateStoreOptions {
  readonly folder: string;
  /** Lets certificates pass that are valid but unknown; they are not put on the trust list by that. */
  readonly passesUnknown: boolean;
  /** Hears of every certificate that does not pass, with the name of the StatusCode. */
  readonly onRefused?: (certificate: Buffer, status: string) => void;
}

type Done = (error: Error | null, status?: StatusCode) => void;
type Check = (chain: Buffer | Buffer[], done: Done) => void;

/** Folders whose content decides who is trusted; tools change them while the server runs. */
const followed = ["trusted/certs", "trusted/crl", "issuers/certs", "issuers/crl"];

/**
 * node-opcua's certificate store over a PKI folder, made to follow changes from outside at the next check. Its own watchers
 * (2.186.4) lose a certificate that is moved from rejected to trusted while its program tries to connect; its own way of
 * accepting unknown certificates trusts them for good.
 */
export function certificateStore({
  folder,
  passesUnknown,
  onRefused,
}: CertificateStoreOptions): OPCUACertificateManager {
  const manager = new OPCUACertificateManager({
    rootFolder: folder,
    automaticallyAcceptUnknownCertificate: false,
    disableFileWatchers: true,
  });
  const stock = manager.checkCertificate.bind(manager) as Check;
  let seen: string | undefined;
  let reading: Promise<void> = Promise.resolve();
  const follow = async (): Promise<void> => {
    const now = await stampOf(folder);
    if (now === seen) return;
    const isFirst = seen === undefined;
    seen = now;
    if (!isFirst) await manager.reloadCertificates();
  };
  const check = async (chain: Buffer | Buffer[]): Promise<StatusCode> => {
    reading = reading.then(follow, follow);
    await reading;
    const { promise, resolve, reject } = Promise.withResolvers<StatusCode>();
    stock(chain, (error, status = StatusCodes.BadCertificateInvalid) => {
      if (error !== null) {
        reject(error);
        return;
      }
      const answer = passesUnknown && status.equals(StatusCodes.BadCertificateUntrusted) ? StatusCodes.Good : status;
      const certificate = Array.isArray(chain) ? chain[0] : chain;
      if (answer.isNotGood() && certificate !== undefined) onRefused?.(certificate, answer.name);
      resolve(answer);
    });
    return promise;
  };
  const checkCertificate = (chain: Buffer | Buffer[], done?: Done): Promise<StatusCode> | undefined => {
    if (done === undefined) return check(chain);
    callbackify(check)(chain, done);
    return undefined;
  };
  manager.checkCertificate = checkCertificate as typeof manager.checkCertificate;
  return manager;
}

async function stampOf(folder: string): Promise<string> {
  const times = followed.map((name) =>
    stat(join(folder, name)).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    ),
  );
  return (await Promise.all(times)).join(" ");
}
