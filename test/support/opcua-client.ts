import { join } from "node:path";
import { OPCUACertificateManager } from "node-opcua";
import {
  AttributeIds,
  type ClientSession,
  ClientSubscription,
  type DataValue,
  HistoryData,
  HistoryReadRequest,
  type HistoryReadResult,
  MessageSecurityMode,
  makeBrowsePath,
  OPCUAClient,
  ReadRawModifiedDetails,
  SecurityPolicy,
  type StatusCode,
  TimestampsToReturn,
  UserTokenType,
  type VariantLike,
} from "node-opcua-client";

export interface Login {
  readonly userName: string;
  readonly password: string;
}

/** A SCADA client of the tests: secure with a login, or anonymous without security. */
export class ScadaClient implements AsyncDisposable {
  readonly client: OPCUAClient;
  readonly session: ClientSession;

  private constructor(client: OPCUAClient, session: ClientSession) {
    this.client = client;
    this.session = session;
  }

  static async connect(port: number, pkiFolder: string, login?: Login): Promise<ScadaClient> {
    const secure = login !== undefined;
    const client = OPCUAClient.create({
      endpointMustExist: false,
      securityMode: secure ? MessageSecurityMode.SignAndEncrypt : MessageSecurityMode.None,
      securityPolicy: secure ? SecurityPolicy.Basic256Sha256 : SecurityPolicy.None,
      connectionStrategy: { maxRetry: 1, initialDelay: 100 },
      clientCertificateManager: new OPCUACertificateManager({
        rootFolder: join(pkiFolder, "client"),
        automaticallyAcceptUnknownCertificate: true,
      }),
    });
    await client.connect(`opc.tcp://127.0.0.1:${port}`);
    const session = await client.createSession(
      login === undefined ? { type: UserTokenType.Anonymous } : { type: UserTokenType.UserName, ...login },
    );
    return new ScadaClient(client, session);
  }

  read(nodeId: string): Promise<DataValue> {
    return this.session.read({ nodeId, attributeId: AttributeIds.Value });
  }

  /** Index of a namespace on this server. */
  async indexOf(uri: string): Promise<number> {
    const namespaces = await this.session.readNamespaceArray();
    const index = namespaces.indexOf(uri);
    if (index < 0) throw new Error(`namespace ${uri} is not among ${namespaces.join(", ")}`);
    return index;
  }

  /** Follows the names (with namespace indices) from the Objects folder; the NodeId at the end, as text. */
  async browse(path: string): Promise<string> {
    const result = await this.session.translateBrowsePath(makeBrowsePath("ObjectsFolder", path));
    const target = result.targets?.[0]?.targetId;
    if (target === undefined) throw new Error(`${path}: ${result.statusCode.toString()}`);
    return target.toString();
  }

  async call(objectId: string, methodId: string, inputArguments: VariantLike[] = []): Promise<StatusCode> {
    const { statusCode } = await this.session.call({ objectId, methodId, inputArguments });
    return statusCode;
  }

  /** Subscribes; every change ends up in the array. */
  async follow(nodeId: string, publishingMs = 100): Promise<DataValue[]> {
    const seen: DataValue[] = [];
    const subscription = ClientSubscription.create(this.session, {
      requestedPublishingInterval: publishingMs,
      requestedLifetimeCount: 1000,
      requestedMaxKeepAliveCount: 10,
      publishingEnabled: true,
    });
    const item = await subscription.monitor(
      { nodeId, attributeId: AttributeIds.Value },
      { samplingInterval: 100, queueSize: 100, discardOldest: true },
      TimestampsToReturn.Both,
    );
    item.on("changed", (dataValue: DataValue) => seen.push(dataValue));
    return seen;
  }

  async history(nodeId: string, startTime: Date, endTime: Date): Promise<DataValue[]> {
    const values: DataValue[] = [];
    let continuationPoint: Buffer | undefined;
    do {
      const result: HistoryReadResult = await this.historyPage(nodeId, startTime, endTime, continuationPoint);
      if (result.historyData instanceof HistoryData) values.push(...(result.historyData.dataValues ?? []));
      continuationPoint = result.continuationPoint?.length ? result.continuationPoint : undefined;
    } while (continuationPoint !== undefined);
    return values;
  }

  async historyPage(
    nodeId: string,
    startTime: Date,
    endTime: Date,
    continuationPoint?: Buffer,
    numValuesPerNode = 0,
  ): Promise<HistoryReadResult> {
    const request = new HistoryReadRequest({
      historyReadDetails: new ReadRawModifiedDetails({ startTime, endTime, numValuesPerNode, isReadModified: false }),
      nodesToRead: [{ nodeId, ...(continuationPoint === undefined ? {} : { continuationPoint }) }],
      timestampsToReturn: TimestampsToReturn.Both,
    });
    const response = await this.session.historyRead(request);
    const result = response.results?.[0];
    if (result === undefined) throw new Error("no history result");
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close(true).catch(() => {});
    await this.client.disconnect();
  }
}

export type { DataValue, StatusCode };
