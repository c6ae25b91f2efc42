import { join } from "node:path";
import {
  type AddressSpace,
  type ISessionContext,
  MessageSecurityMode,
  type NodeId,
  nodesets,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
} from "node-opcua";
import type { Commands } from "#fleet/commands.ts";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { HistoryReader, SampleSink } from "#fleet/ports.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { HostError, InternalError, messageOf } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { buildDeviceNodes, type DeviceNodeContext, type DeviceNodes } from "./device-node.ts";
import { buildDeviceType, type DeviceTypeNodes } from "./device-type.ts";
import { findDiModel } from "./di-model.ts";
import { installExceptionBasedItems } from "./engine/exception-based-items.ts";
import { installHistoryRead } from "./engine/history-read.ts";
import { readHistory } from "./history.ts";
import { bindMethods } from "./methods.ts";
import { Mirror } from "./mirror.ts";
import { type User, UserDirectory } from "./users.ts";

export interface OpcUaOptions {
  readonly port: number;
  /** Undefined: all interfaces. */
  readonly host: string | undefined;
  readonly applicationUri: string;
  readonly version: string;
  readonly pkiFolder: string;
  readonly users: readonly User[];
  /** Also offers SecurityPolicy None, anonymous sessions (read only) and accepts unknown client certificates. */
  readonly allowInsecure: boolean;
}

export interface OpcUaParts {
  readonly registry: DeviceRegistry;
  readonly live: LiveValues;
  readonly commands: Commands;
  readonly history: HistoryReader;
  readonly log: Logger;
}

/** The OPC UA server: shows every device of the registry as a DI device and routes methods and history to the fleet. */
export class OpcUaServer implements AsyncDisposable {
  readonly #options: OpcUaOptions;
  readonly #parts: OpcUaParts;
  readonly #users: UserDirectory;
  readonly #server: OPCUAServer;
  readonly #mirror = new Mirror();
  readonly #types = new Map<string, DeviceTypeNodes>();
  readonly #nodes = new Map<Device, DeviceNodes>();
  readonly #deviceOfMethodSet = new WeakMap<object, Device>();
  #context: DeviceNodeContext | undefined;

  constructor(options: OpcUaOptions, parts: OpcUaParts) {
    this.#options = options;
    this.#parts = parts;
    this.#users = new UserDirectory(options.users);
    installExceptionBasedItems();
    this.#server = createServer(options, this.#users);
  }

  /** Where samples go to reach the nodes. */
  get sink(): SampleSink {
    return this.#mirror;
  }

  get endpointUrl(): string {
    return `opc.tcp://${this.#options.host ?? "localhost"}:${this.#options.port}`;
  }

  get sessionCount(): number {
    return this.#server.currentSessionCount;
  }

  /** Builds the address space and opens the port. Throws `port-in-use` naming the port and its setting. */
  async start(): Promise<void> {
    await this.#server.initialize();
    const { addressSpace } = this.#server.engine;
    if (addressSpace === null) throw new InternalError("node-opcua initialized without an address space");
    this.#context = contextOf(addressSpace);
    this.#installHistory(addressSpace);
    for (const device of this.#parts.registry.all()) this.#add(device);
    this.#parts.registry.onChange(({ kind, device }) => (kind === "added" ? this.#add(device) : this.#remove(device)));
    try {
      await this.#server.start();
    } catch (error) {
      throw portError(error, this.#options.port);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown(0);
  }

  #add(device: Device): void {
    const context = this.#context;
    if (context === undefined) return;
    const nodes = buildDeviceNodes(context, device, this.#typeOf(context, device.package));
    this.#nodes.set(device, nodes);
    this.#deviceOfMethodSet.set(nodes.methodSet, device);
    this.#mirror.bind(device, nodes, this.#parts.live);
  }

  #remove(device: Device): void {
    const nodes = this.#nodes.get(device);
    if (nodes === undefined || this.#context === undefined) return;
    this.#mirror.unbind(device);
    this.#nodes.delete(device);
    this.#context.addressSpace.deleteNode(nodes.object);
  }

  #typeOf(context: DeviceNodeContext, pkg: DevicePackage): DeviceTypeNodes {
    const known = this.#types.get(packageKey(pkg));
    if (known !== undefined) return known;
    const type = buildDeviceType(context.addressSpace, context.di, pkg);
    bindMethods(type.methods, {
      commands: this.#parts.commands,
      deviceOf: (object) =>
        typeof object === "object" && object !== null ? this.#deviceOfMethodSet.get(object) : undefined,
      principalOf: (session) => this.#principalOf(session),
      log: this.#parts.log,
    });
    this.#types.set(packageKey(pkg), type);
    return type;
  }

  #principalOf(context: ISessionContext): Principal {
    const user = context.getUserName?.() ?? "anonymous";
    return {
      user,
      roles: this.#users.rolesOf(user),
      origin: `opc.tcp session ${String(context.session?.getSessionId())}`,
    };
  }

  #installHistory(addressSpace: AddressSpace): void {
    const { history: reader, log } = this.#parts;
    const parameterOf = (nodeId: string) => parameterBehind(this.#parts.registry, nodeId);
    installHistoryRead(this.#server, (context, request) =>
      readHistory({ addressSpace, reader, parameterOf, log }, context, request),
    );
  }
}

/** `CB-0001/CurrentPhaseA` -> the device and its parameter. */
function parameterBehind(
  registry: DeviceRegistry,
  nodeId: string,
): { readonly device: Device; readonly spec: ParameterSpec } | undefined {
  const cut = nodeId.indexOf("/");
  const device = registry.find(nodeId.slice(0, cut));
  const spec = device?.package.parameterByName.get(nodeId.slice(cut + 1));
  return device === undefined || spec === undefined ? undefined : { device, spec };
}

function createServer(options: OpcUaOptions, users: UserDirectory): OPCUAServer {
  const { allowInsecure, host } = options;
  const certificates = (name: string): OPCUACertificateManager =>
    new OPCUACertificateManager({
      rootFolder: join(options.pkiFolder, name),
      automaticallyAcceptUnknownCertificate: allowInsecure,
    });
  return new OPCUAServer({
    port: options.port,
    ...(host === undefined ? {} : { host, hostname: host }),
    nodeset_filename: [nodesets.standard, nodesets.di],
    serverInfo: {
      applicationUri: options.applicationUri,
      productUri: "urn:fdi-host",
      applicationName: { text: "fdi-host" },
    },
    buildInfo: { productName: "fdi-host", softwareVersion: options.version, manufacturerName: "fdi-host project" },
    serverCertificateManager: certificates("server"),
    userCertificateManager: certificates("users"),
    securityPolicies: [
      SecurityPolicy.Basic256Sha256,
      SecurityPolicy.Aes128_Sha256_RsaOaep,
      SecurityPolicy.Aes256_Sha256_RsaPss,
      ...(allowInsecure ? [SecurityPolicy.None] : []),
    ],
    securityModes: [MessageSecurityMode.SignAndEncrypt, ...(allowInsecure ? [MessageSecurityMode.None] : [])],
    allowAnonymous: allowInsecure,
    userManager: users.toUserManager(),
    maxConnectionsPerEndpoint: 200,
    isAuditing: true,
    serverCapabilities: { maxSessions: 200, minSupportedSampleRate: 0, maxHistoryContinuationPoints: 1000 },
  });
}

function contextOf(addressSpace: AddressSpace): DeviceNodeContext {
  const namespace = addressSpace.getOwnNamespace();
  return {
    addressSpace,
    namespace,
    di: findDiModel(addressSpace),
    historyConfiguration: addHistoryConfiguration(addressSpace),
  };
}

/** One HA Configuration for all parameters (OPC 10000-11, 5.2.3): raw values, interpolated between samples. */
function addHistoryConfiguration(addressSpace: AddressSpace): NodeId {
  const type = addressSpace.findObjectType("HistoricalDataConfigurationType");
  if (type === null) throw new InternalError("HistoricalDataConfigurationType is missing from the address space");
  const configuration = type.instantiate({ browseName: "HA Configuration", nodeId: "s=HistoryConfiguration" });
  return configuration.nodeId;
}

function portError(error: unknown, port: number): unknown {
  if (!messageOf(error).includes("EADDRINUSE")) return error;
  return new HostError(
    "port-in-use",
    `port ${port} for OPC UA is in use by another program; choose another with FDI_HOST_OPCUA_PORT or opcua.port`,
    { cause: error },
  );
}
