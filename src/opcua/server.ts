import { type AddressSpace, type ISessionContext, type NodeId, OPCUAServer, type ServerSession } from "node-opcua";
import type { AlarmBoard } from "#fleet/alarms/ports.ts";
import type { Control } from "#fleet/control.ts";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { PackageChanges } from "#fleet/package-changes.ts";
import type { PackageShelf } from "#fleet/package-shelf.ts";
import type { SampleSink } from "#fleet/ports.ts";
import type { PresenceBoard } from "#fleet/presence.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { TagNameplates } from "#fleet/tag-nameplates.ts";
import type { Traffic } from "#fleet/traffic.ts";
import { systemClock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { HostError, InternalError, messageOf } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { AlarmView } from "#opcua/conditions/alarm-view.ts";
import { ConditionTypes } from "#opcua/events/condition-types.ts";
import { type HistoryBacking, serveHistory } from "#opcua/history/serve-history.ts";
import { findNodesetFiles } from "#opcua/nodesets/nodeset-files.ts";
import { AuditEvents } from "./audit-events.ts";
import { addChangePackage } from "./change-package.ts";
import { ConnectionView } from "./connection-view.ts";
import { DeviceSpace } from "./device-space.ts";
import { findDiModel } from "./di-model.ts";
import { type AccessHandlers, installAccessor } from "./engine/accessor.ts";
import { installConnectionGuard } from "./engine/connection-guard.ts";
import { installDirtyItems } from "./engine/dirty-items.ts";
import { installExceptionBasedItems } from "./engine/exception-based-items.ts";
import { installLeanNotifications } from "./engine/lean-notifications.ts";
import { routeLibraryLog } from "./engine/library-log.ts";
import { installResumingItems } from "./engine/resuming-items.ts";
import { installUndecodableMessages } from "./engine/undecodable-messages.ts";
import { LockNodes } from "./locks.ts";
import { bindMethods } from "./methods.ts";
import { Mirror } from "./mirror.ts";
import { type OpcUaOptions, serverLimits, serverOptionsOf } from "./server-options.ts";
import { tellTestProgress } from "./test-events.ts";
import { showTraffic } from "./traffic-nodes.ts";
import { type User, UserDirectory } from "./users.ts";
import { writeParameters } from "./writes.ts";

export interface OpcUaParts {
  readonly registry: DeviceRegistry;
  readonly live: LiveValues;
  readonly presence: PresenceBoard;
  readonly traffic: Traffic;
  readonly control: Control;
  readonly packageChanges: PackageChanges;
  readonly tags: TagNameplates;
  readonly alarms: AlarmBoard;
  /** There once the historian is open; without it history is not served. */
  readonly history?: Promise<HistoryBacking>;
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
  readonly #connections: ConnectionView;
  #lockNodes: LockNodes | undefined;
  #alarms: AlarmView | undefined;

  constructor(options: OpcUaOptions, parts: OpcUaParts) {
    this.#options = options;
    this.#parts = parts;
    this.#users = new UserDirectory(parts.users);
    this.#connections = new ConnectionView(parts, systemClock);
    routeLibraryLog(parts.log);
    installExceptionBasedItems();
    installDirtyItems();
    installResumingItems();
    installLeanNotifications();
    installUndecodableMessages();
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
    const events = new AuditEvents(addressSpace, this.#options.applicationUri);
    installAccessor(server, this.#accessHandlers(events));
    this.#serveHistory(server, addressSpace, events);
    server.on("session_closed", (session: ServerSession) => this.#parts.control.sessionEnded(sessionName(session)));
    await this.#showDevices(addressSpace, events);
    try {
      await server.start();
      installConnectionGuard(server, { clock: systemClock });
    } catch (error) {
      throw portError(error, this.#options.port);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lockNodes?.[Symbol.dispose]();
    this.#connections[Symbol.dispose]();
    await this.#server?.shutdown(0);
  }

  async #showDevices(addressSpace: AddressSpace, events: AuditEvents): Promise<void> {
    const { registry, live, control, packageChanges, log } = this.#parts;
    const principalOf = (context: ISessionContext) => this.#principalOf(context);
    const di = findDiModel(addressSpace);
    const conditionTypes = new ConditionTypes(addressSpace, di.namespaceIndex);
    const lockNodes = new LockNodes({ locks: control.locks, di, principalOf, events, clock: systemClock, log });
    this.#lockNodes = lockNodes;
    tellTestProgress(addressSpace, control.tests);
    const space = new DeviceSpace(addressSpace, {
      live,
      mirror: this.#mirror,
      connections: this.#connections,
      isOnline: this.#parts.isOnline,
      lockNodes,
      conditionTypes,
      bindMethods: (methods) =>
        bindMethods(methods, {
          control,
          live,
          deviceOf: (object) => space.deviceOf(object),
          principalOf,
          events,
          log,
        }),
    });
    this.#alarms = new AlarmView(addressSpace, {
      board: this.#parts.alarms,
      registry,
      live,
      conditionTypes,
      notifiersOf: (device) => space.notifiersOf(device),
      principalOf,
      events,
      clock: systemClock,
      log,
    });
    addChangePackage(space.catalogue.object, { registry, packageChanges, principalOf, events });
    showTraffic(addressSpace, this.#parts.traffic);
    for (const pkg of this.#parts.shelf.all()) space.addPackage(pkg);
    this.#parts.shelf.onNew((pkg) => space.addPackage(pkg));
    const showRevision = (device: Device): void =>
      space.showRevision(device, control.configurations.revisionOf(device));
    const showTag = (device: Device): void => space.showTag(device, registry.tagOf(device));
    registry.onChange(({ kind, device }) => {
      if (kind === "removed") return space.remove(device);
      space.add(device);
      showRevision(device);
      showTag(device);
    });
    await space.addAll([...registry.all()]);
    for (const device of registry.all()) {
      showRevision(device);
      showTag(device);
    }
    registry.onTag(showTag);
    control.configurations.onChange(showRevision);
  }

  #serveHistory(server: OPCUAServer, addressSpace: AddressSpace, events: AuditEvents): void {
    const { history: backing, registry, log } = this.#parts;
    if (backing === undefined) return;
    serveHistory(server, {
      addressSpace,
      backing,
      parameterOf: (nodeId) => parameterBehind(registry, nodeId),
      principalOf: (context) => this.#principalOf(context),
      events,
      maxOperations: serverLimits.maxHistoryNodes,
      log,
    });
  }

  #accessHandlers(events: AuditEvents): AccessHandlers {
    const { log, registry, control, live, tags } = this.#parts;
    const parameterOf = (nodeId: string) => parameterBehind(registry, nodeId);
    return {
      call: (context, request) => this.#alarms?.call(context, request),
      write: (context, writes) => {
        const principalOf = (session: ISessionContext) => this.#principalOf(session);
        return writeParameters(
          { writes: control.writes, tags, registry, live, parameterOf, principalOf, events, log },
          context,
          writes,
        );
      },
    };
  }

  #principalOf(context: ISessionContext): Principal {
    const user = context.getUserName?.() ?? "anonymous";
    const { session } = context;
    const name = session === undefined ? "opc.tcp" : sessionName(session);
    const application = session === undefined ? "" : applicationOf(session);
    const origin = session === undefined ? name : (addressOf(session) ?? name);
    return { user, roles: this.#users.rolesOf(user), origin, session: name, application };
  }
}

/** The ApplicationUri that a client gave when it made its session. */
function applicationOf(session: object): string {
  const client = "clientDescription" in session ? session.clientDescription : undefined;
  const uri = typeof client === "object" && client !== null && "applicationUri" in client ? client.applicationUri : "";
  return typeof uri === "string" ? uri : "";
}

/** Where the client of a session is, e.g. `opc.tcp 10.0.0.7:50124`; undefined while it is not connected. */
function addressOf(session: object): string | undefined {
  const channel = "channel" in session ? session.channel : undefined;
  if (typeof channel !== "object" || channel === null) return undefined;
  const address = "remoteAddress" in channel ? channel.remoteAddress : undefined;
  const port = "remotePort" in channel ? channel.remotePort : undefined;
  if (typeof address !== "string" || address === "") return undefined;
  return `opc.tcp ${address}${typeof port === "number" ? `:${port}` : ""}`;
}

/** Names a session in locks, selections and the audit. */
function sessionName(session: { getSessionId(): NodeId }): string {
  return `opc.tcp session ${session.getSessionId().toString()}`;
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
