import { type AddressSpace, type ISessionContext, OPCUAServer, StatusCodes } from "node-opcua";
import type { Commands } from "#fleet/commands.ts";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { PackageShelf } from "#fleet/package-shelf.ts";
import type { HistoryReader, SampleSink } from "#fleet/ports.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { HostError, InternalError, messageOf } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { findNodesetFiles } from "#opcua/nodesets/nodeset-files.ts";
import { DeviceSpace } from "./device-space.ts";
import { type AccessHandlers, installAccessor } from "./engine/accessor.ts";
import { installDirtyItems } from "./engine/dirty-items.ts";
import { installExceptionBasedItems } from "./engine/exception-based-items.ts";
import { readHistory } from "./history.ts";
import { bindMethods } from "./methods.ts";
import { Mirror } from "./mirror.ts";
import { type OpcUaOptions, serverOptionsOf } from "./server-options.ts";
import { type User, UserDirectory } from "./users.ts";

export interface OpcUaParts {
  readonly registry: DeviceRegistry;
  readonly live: LiveValues;
  readonly commands: Commands;
  readonly history: HistoryReader;
  readonly users: readonly User[];
  /** Its packages are shown in the catalogue, each with its ObjectType. */
  readonly shelf: PackageShelf;
  /** True while devices can be reached. */
  readonly isOnline: () => boolean;
  readonly log: Logger;
}

/** The OPC UA server: shows every device of the registry as a DI device and routes methods and history to the fleet. */
export class OpcUaServer implements AsyncDisposable {
  readonly #options: OpcUaOptions;
  readonly #parts: OpcUaParts;
  readonly #users: UserDirectory;
  readonly #mirror = new Mirror();
  #server: OPCUAServer | undefined;

  constructor(options: OpcUaOptions, parts: OpcUaParts) {
    this.#options = options;
    this.#parts = parts;
    this.#users = new UserDirectory(parts.users);
    installExceptionBasedItems();
    installDirtyItems();
  }

  /** Where samples go to reach the nodes. */
  get sink(): SampleSink {
    return this.#mirror;
  }

  get endpointUrl(): string {
    return `opc.tcp://${this.#options.host ?? "localhost"}:${this.#options.port}`;
  }

  get sessionCount(): number {
    return this.#server?.currentSessionCount ?? 0;
  }

  /** Builds the address space and opens the port. Throws `port-in-use` naming the port and its setting. */
  async start(): Promise<void> {
    const { files, problems } = await findNodesetFiles(this.#options.nodesetFolder);
    for (const problem of problems) this.#parts.log.warn(problem.message);
    const server = new OPCUAServer(serverOptionsOf(this.#options, this.#users, files));
    this.#server = server;
    await server.initialize();
    const { addressSpace } = server.engine;
    if (addressSpace === null) throw new InternalError("node-opcua initialized without an address space");
    installAccessor(server, this.#accessHandlers(addressSpace));
    await this.#showDevices(addressSpace);
    try {
      await server.start();
    } catch (error) {
      throw portError(error, this.#options.port);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.shutdown(0);
  }

  async #showDevices(addressSpace: AddressSpace): Promise<void> {
    const { registry, live, commands, log } = this.#parts;
    const space = new DeviceSpace(addressSpace, {
      live,
      mirror: this.#mirror,
      isOnline: this.#parts.isOnline,
      bindMethods: (methods) =>
        bindMethods(methods, {
          commands,
          deviceOf: (object) => space.deviceOf(object),
          principalOf: (context) => this.#principalOf(context),
          log,
        }),
    });
    for (const pkg of this.#parts.shelf.all()) space.addPackage(pkg);
    this.#parts.shelf.onNew((pkg) => space.addPackage(pkg));
    registry.onChange(({ kind, device }) => (kind === "added" ? space.add(device) : space.remove(device)));
    await space.addAll([...registry.all()]);
  }

  #accessHandlers(addressSpace: AddressSpace): AccessHandlers {
    const { history: reader, log, registry } = this.#parts;
    const parameterOf = (nodeId: string) => parameterBehind(registry, nodeId);
    return {
      history: (context, request) => readHistory({ addressSpace, reader, parameterOf, log }, context, request),
      write: (_context, writes) => Promise.resolve(writes.map(() => StatusCodes.BadNotWritable)),
    };
  }

  #principalOf(context: ISessionContext): Principal {
    const user = context.getUserName?.() ?? "anonymous";
    const session = String(context.session?.getSessionId());
    return { user, roles: this.#users.rolesOf(user), origin: `opc.tcp session ${session}` };
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

function portError(error: unknown, port: number): unknown {
  if (!messageOf(error).includes("EADDRINUSE")) return error;
  return new HostError(
    "port-in-use",
    `port ${port} for OPC UA is in use by another program; choose another with FDI_HOST_OPCUA_PORT or opcua.port`,
    { cause: error },
  );
}
