import {
  type AddressSpace,
  type CallMethodRequest,
  type ISessionContext,
  OPCUAServer,
  type ServerSession,
  StatusCodes,
  Subscription,
  type UAMethod,
} from "node-opcua";
import type { Access } from "#fleet/access/access.ts";
import { type AlarmBoard, deviceHealths } from "#fleet/alarms/ports.ts";
import type { Control } from "#fleet/control.ts";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { Onboarding } from "#fleet/onboarding/onboarding.ts";
import type { PackageChanges } from "#fleet/package-changes.ts";
import type { PackageShelf } from "#fleet/package-shelf.ts";
import type { SampleSink } from "#fleet/ports.ts";
import type { PresenceBoard } from "#fleet/presence.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { TagNameplates } from "#fleet/tag-nameplates.ts";
import type { Traffic } from "#fleet/traffic.ts";
import { systemClock } from "#lib/clock.ts";
import { collectGarbage } from "#lib/collect-garbage.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { HostError, InternalError, messageOf } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { AlarmView } from "#opcua/conditions/alarm-view.ts";
import { ConditionTypes } from "#opcua/events/condition-types.ts";
import { type HistoryBacking, serveHistory } from "#opcua/history/serve-history.ts";
import { findNodesetFiles } from "#opcua/nodesets/nodeset-files.ts";
import { bindRoleSet } from "#opcua/users/role-set.ts";
import { bindUserManagement } from "#opcua/users/user-management.ts";
import { AuditEvents } from "./audit-events.ts";
import { addChangePackage } from "./change-package.ts";
import { bindChangePassword } from "./change-password.ts";
import { endRejectedClients, RefusedClients } from "./client-certificates.ts";
import { ConnectionView } from "./connection-view.ts";
import { DeviceSpace } from "./device-space.ts";
import { findDiModel } from "./di-model.ts";
import { type AccessHandlers, installAccessor } from "./engine/accessor.ts";
import { installCoalescedItems } from "./engine/coalesced-items.ts";
import { installConnectionGuard } from "./engine/connection-guard.ts";
import { installDirtyItems } from "./engine/dirty-items.ts";
import { installExceptionBasedItems } from "./engine/exception-based-items.ts";
import { installLeanItems } from "./engine/lean-items.ts";
import { installLeanNotifications } from "./engine/lean-notifications.ts";
import { routeLibraryLog } from "./engine/library-log.ts";
import { installResumingItems } from "./engine/resuming-items.ts";
import { SessionUsers } from "./engine/session-users.ts";
import { installUndecodableMessages } from "./engine/undecodable-messages.ts";
import { LockNodes } from "./locks.ts";
import { LoggedInUser, Logins } from "./logins.ts";
import { bindMethods } from "./methods.ts";
import { Mirror } from "./mirror.ts";
import { showOnboarding } from "./onboarding-nodes.ts";
import { keepCertificateFresh } from "./own-certificate.ts";
import { principalIn, sessionName } from "./principals.ts";
import { type OpcUaOptions, serverLimits, serverOptionsOf } from "./server-options.ts";
import { tellTestProgress } from "./test-events.ts";
import { showTraffic } from "./traffic-nodes.ts";
import { writeParameters } from "./writes.ts";

export interface OpcUaParts {
  readonly registry: DeviceRegistry;
  readonly live: LiveValues;
  readonly presence: PresenceBoard;
  readonly traffic: Traffic;
  /** Absent: devices are not taken in here. */
  readonly onboarding?: Onboarding;
  readonly control: Control;
  readonly packageChanges: PackageChanges;
  readonly tags: TagNameplates;
  readonly alarms: AlarmBoard;
  /** There once the historian is open; without it history is not served. */
  readonly history?: Promise<HistoryBacking>;
  /** Who may log in. */
  readonly access: Access;
  /** Its packages are shown in the catalogue, each with its ObjectType. */
  readonly shelf: PackageShelf;
  /** True while devices can be reached. */
  readonly isOnline: () => boolean;
  readonly log: Logger;
}

/** From so many devices on, what building them left behind is collected before the port opens. */
const manyDevices = 1_000;

/** The OPC UA server: shows every device of the registry as a DI device and routes methods and history to the fleet. */
export class OpcUaServer implements AsyncDisposable {
  readonly #options: OpcUaOptions;
  readonly #parts: OpcUaParts;
  readonly #logins: Logins;
  readonly #users: SessionUsers;
  readonly #principalOf: (context: ISessionContext) => Principal;
  readonly #mirror = new Mirror();
  #server: OPCUAServer | undefined;
  readonly #connections: ConnectionView;
  #lockNodes: LockNodes | undefined;
  #alarms: AlarmView | undefined;
  #renewal: Disposable | undefined;

  constructor(options: OpcUaOptions, parts: OpcUaParts) {
    this.#options = options;
    this.#parts = parts;
    this.#connections = new ConnectionView(parts, systemClock);
    this.#logins = new Logins({ access: parts.access, allowInsecure: options.allowInsecure });
    this.#users = new SessionUsers(this.#logins);
    this.#principalOf = (context) => principalIn(context, this.#users);
    routeLibraryLog(parts.log);
    installExceptionBasedItems();
    installCoalescedItems();
    installLeanItems();
    installDirtyItems();
    // Of all servers in this process; node-opcua's own is 50 ms, which adds up to 50 ms to every value.
    Subscription.minimumPublishingInterval = serverLimits.minPublishingMs;
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
    const refused = new RefusedClients(this.#parts.control.audit, systemClock);
    const onRefusedClient = refused.note.bind(refused);
    const gates = { userManager: this.#users.userManager, onRefusedClient };
    const server = new OPCUAServer(serverOptionsOf(this.#options, gates, files));
    this.#server = server;
    await server.initialize();
    const { addressSpace } = server.engine;
    if (addressSpace === null) throw new InternalError("node-opcua initialized without an address space");
    const events = new AuditEvents(addressSpace, this.#options.applicationUri);
    this.#users.install(server);
    this.#guardSessions(server, addressSpace, events);
    installAccessor(server, this.#accessHandlers(events));
    this.#serveHistory(server, addressSpace, events);
    server.on("session_closed", (session: ServerSession) => this.#parts.control.sessionEnded(sessionName(session)));
    await this.#showDevices(addressSpace, events);
    try {
      await server.start();
      installConnectionGuard(server, { clock: systemClock });
      this.#renewal = await keepCertificateFresh(server, systemClock, this.#parts.log);
    } catch (error) {
      throw portError(error, this.#options.port);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#renewal?.[Symbol.dispose]();
    this.#lockNodes?.[Symbol.dispose]();
    this.#connections[Symbol.dispose]();
    await this.#server?.shutdown(0);
  }

  #guardSessions(server: OPCUAServer, addressSpace: AddressSpace, events: AuditEvents): void {
    const { access } = this.#parts;
    bindChangePassword(addressSpace, { access, users: this.#users, logins: this.#logins, events });
    const userNodes = { users: access.users, principalOf: this.#principalOf, events };
    bindRoleSet(addressSpace, userNodes, this.#options.allowInsecure);
    bindUserManagement(addressSpace, userNodes);
    endRejectedClients(access, this.#users, server);
    access.users.onChange(({ keptSession }) =>
      this.#users.close(
        server,
        (user, session) => user instanceof LoggedInUser && !user.mayStay && sessionName(session) !== keptSession,
      ),
    );
  }

  async #showDevices(addressSpace: AddressSpace, events: AuditEvents): Promise<void> {
    const { registry, live, control, packageChanges, log } = this.#parts;
    const principalOf = this.#principalOf;
    const di = findDiModel(addressSpace);
    const conditionTypes = new ConditionTypes(addressSpace, di.namespaceIndex);
    const lockNodes = new LockNodes({ locks: control.locks, di, principalOf, events, clock: systemClock, log });
    this.#lockNodes = lockNodes;
    tellTestProgress(addressSpace, control.tests);
    const space = new DeviceSpace(addressSpace, {
      live,
      showsAll: this.#options.allowInsecure,
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
      fleet: space.fleetFolder,
      showsAll: this.#options.allowInsecure,
      principalOf,
      events,
      clock: systemClock,
      log,
    });
    const showsAll = this.#options.allowInsecure;
    addChangePackage(space.catalogue.object, { registry, packageChanges, principalOf, events, showsAll });
    showTraffic(addressSpace, this.#parts.traffic);
    const { onboarding } = this.#parts;
    if (onboarding !== undefined) {
      showOnboarding(addressSpace, { onboarding, registry, principalOf, events, showsAll, log });
    }
    for (const pkg of this.#parts.shelf.all()) space.addPackage(pkg);
    this.#parts.shelf.onNew((pkg) => space.addPackage(pkg));
    this.#parts.shelf.onGone((pkg) => space.removePackage(pkg));
    const showRevision = (device: Device): void =>
      space.showRevision(device, control.configurations.revisionOf(device));
    const showTag = (device: Device): void => space.showTag(device, registry.tagOf(device));
    const { health } = this.#parts.alarms;
    const showHealth = (device: Device): void => space.showHealth(device, deviceHealths.indexOf(health.of(device)));
    registry.onChange(({ kind, device }) => {
      if (kind === "removed") return space.remove(device);
      space.add(device);
      showRevision(device);
      showTag(device);
      showHealth(device);
    });
    await space.addAll([...registry.all()]);
    if (space.size >= manyDevices) collectGarbage();
    for (const device of registry.all()) {
      showRevision(device);
      showTag(device);
      showHealth(device);
    }
    health.onChange(showHealth);
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
      principalOf: this.#principalOf,
      events,
      views: () => this.#alarms,
      deviceNamed: (key) => registry.find(key)?.id,
      maxOperations: serverLimits.maxHistoryNodes,
      log,
    });
  }

  #callDenied(events: AuditEvents, context: ISessionContext, { request, method }: DeniedCall): void {
    const { user, origin } = this.#principalOf(context);
    const { objectId, methodId } = request;
    const device = deviceNamed(this.#parts.registry, String(objectId.value));
    const action = method.browseName.name ?? "";
    const detail = "its roles do not allow the call";
    const about = { commandId: "", user, origin, device: device?.id ?? "", action, detail };
    this.#parts.control.audit.note({ at: systemClock.now(), kind: "refused", ...about });
    const message = `${action} of ${String(objectId.value)} by ${user}: ${detail}`;
    const inputs = request.inputArguments ?? [];
    const statusCode = StatusCodes.BadUserAccessDenied;
    events.methodCalled({ context, objectId, methodId, inputs, outputs: [], statusCode, message });
  }

  #accessHandlers(events: AuditEvents): AccessHandlers {
    const { log, registry, control, live, tags } = this.#parts;
    const parameterOf = (nodeId: string) => parameterBehind(registry, nodeId);
    return {
      call: (context, request) => this.#alarms?.call(context, request),
      callDenied: (context, request, method) => this.#callDenied(events, context, { request, method }),
      write: (context, writes) => {
        const principalOf = this.#principalOf;
        return writeParameters(
          { writes: control.writes, tags, registry, live, parameterOf, principalOf, events, log },
          context,
          writes,
        );
      },
    };
  }
}

interface DeniedCall {
  readonly request: CallMethodRequest;
  readonly method: UAMethod;
}

/** `CB-0001/MethodSet` -> the device. */
function deviceNamed(registry: DeviceRegistry, nodeId: string): Device | undefined {
  return registry.find(nodeId.split("/")[0] ?? "");
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
