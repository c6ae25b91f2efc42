import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { AttributeIds, type CallMethodResult, DataType, resolveNodeId, type VariantLike } from "node-opcua-client";
import type { Access } from "#fleet/access/access.ts";
import type { Device } from "#fleet/device.ts";
import type { SampleSink } from "#fleet/ports.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { OpcUaServer } from "#opcua/server.ts";
import { controlPackage } from "./control-package.ts";
import { freePort } from "./free-port.ts";
import { temporaryFolder } from "./host-process.ts";
import { accessFor } from "./memory-access.ts";
import { ScadaClient } from "./opcua-client.ts";
import { silentLogger } from "./silent-logger.ts";
import { TestFleet } from "./test-fleet.ts";

const users = [
  { name: "viewer", password: "v", role: "viewer" },
  { name: "operator", password: "o", role: "operator" },
  { name: "maintenance", password: "m", role: "maintenance" },
  { name: "admin", password: "a", role: "administrator" },
] as const;

export type UserName = (typeof users)[number]["name"];
export const userNames: readonly UserName[] = users.map(({ name }) => name);

const lockMethodIds = { InitLock: 6393, RenewLock: 6396, ExitLock: 6398, BreakLock: 6400 } as const;
export type LockMethod = keyof typeof lockMethodIds;

const reported = {
  Position: 2,
  TripState: 0,
  SelfTestResult: 0,
  RemoteControlEnabled: 1,
  ThermalPickup: 250,
  OvercurrentPickup: 1000,
  InstantaneousPickup: 2000,
  OvercurrentDelay: 200,
  RecloseShots: 1,
};

/** An OPC UA server over two breakers in memory, CB-1 and CB-2, that obey at once; Close wants to be selected before. */
export class ControlServer implements AsyncDisposable {
  readonly fleet: TestFleet;
  readonly second: Device;
  readonly package: DevicePackage;
  readonly #server: OpcUaServer;
  readonly #port: number;
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly #clients = new Map<string, ScadaClient>();

  private constructor(port: number, folder: Awaited<ReturnType<typeof temporaryFolder>>, access: Access) {
    const sinks: SampleSink[] = [];
    this.#port = port;
    this.#folder = folder;
    this.package = controlPackage({ selectBeforeClose: true });
    this.fleet = new TestFleet(sinks, this.package, randomUUID);
    const { fleet } = this;
    const second = fleet.announce("CB-2", "G/N/CB-2");
    if (second === undefined) throw new Error("CB-2 was not admitted");
    this.second = second;
    fleet.ingest.presence(second, "online", fleet.clock.now(), "birth");
    this.#server = new OpcUaServer(
      {
        port,
        host: "127.0.0.1",
        applicationUri: "urn:test:fdi-host",
        version: "0",
        pkiFolder: folder.path,
        nodesetFolder: join(folder.path, "nodesets"),
        allowInsecure: true,
      },
      {
        registry: fleet.registry,
        live: fleet.live,
        presence: fleet.presence,
        traffic: fleet.traffic,
        control: fleet.control,
        packageChanges: fleet.packageChanges,
        tags: fleet.tags,
        alarms: fleet.alarms,
        access,
        shelf: fleet.shelf,
        isOnline: () => true,
        log: silentLogger(),
      },
    );
    sinks.push(this.#server.sink);
    this.reset();
  }

  static async start(): Promise<ControlServer> {
    const server = new ControlServer(await freePort(), await temporaryFolder(), await accessFor(users));
    await server.#server.start();
    server.reset();
    return server;
  }

  /** Both breakers are as at the beginning: closed, obedient, unlocked, nothing selected. */
  reset(): void {
    const { fleet } = this;
    fleet.transport.onSend = (device, { spec, correlationId }) => {
      const accepted = { correlationId, accepted: true, reason: undefined, at: 0 };
      if (spec.effect === "reset") fleet.ingest.acknowledged(device, accepted);
      if (spec.effect === "trip") fleet.sampleOf(device, "Position", 1);
      if (spec.effect === "close") fleet.sampleOf(device, "Position", 2);
    };
    fleet.transport.onWrite = (device, { parameter, value }) => fleet.sampleOf(device, parameter.name, Number(value));
    for (const device of [fleet.breaker, this.second]) {
      for (const [name, value] of Object.entries(reported)) fleet.sampleOf(device, name, value);
      fleet.control.locks.forget(device);
      fleet.control.selections.forget(device);
    }
  }

  /** A session of that user; the same one each time unless `session` names another. */
  async as(name: UserName, session = ""): Promise<ScadaClient> {
    const key = name + session;
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const password = users.find((user) => user.name === name)?.password ?? "";
    const client = await ScadaClient.connect(this.#port, this.#folder.path, { userName: name, password });
    this.#clients.set(key, client);
    return client;
  }

  /** Ends a session that `as` made. */
  async leave(name: UserName, session: string): Promise<void> {
    await this.#clients.get(name + session)?.[Symbol.asyncDispose]();
    this.#clients.delete(name + session);
  }

  async call(name: UserName, method: string, inputs: VariantLike[] = [], device = "CB-1"): Promise<CallMethodResult> {
    const client = await this.as(name);
    const methodId = await this.methodId(client, method);
    return client.session.call({ objectId: `ns=1;s=${device}/MethodSet`, methodId, inputArguments: inputs });
  }

  async methodId(client: ScadaClient, method: string): Promise<string> {
    return `ns=${await client.indexOf("urn:test:breaker")};s=TestBreaker/1.0.0/MethodSet/${method}`;
  }

  async lock(client: ScadaClient, method: LockMethod, inputs: VariantLike[] = [], device = "CB-1") {
    const di = await client.indexOf("http://opcfoundation.org/UA/DI/");
    const methodId = `ns=${di};i=${lockMethodIds[method]}`;
    const result = await client.session.call({ objectId: `ns=1;s=${device}/Lock`, methodId, inputArguments: inputs });
    return { status: result.statusCode.name, code: valueOf(result, 0) };
  }

  /** Names of the status codes, one per value. */
  async write(name: UserName, values: readonly (readonly [string, VariantLike])[]): Promise<string[]> {
    const { session } = await this.as(name);
    const statusCodes = await session.write(
      values.map(([parameter, value]) => ({
        nodeId: resolveNodeId(`ns=1;s=${parameter}`),
        attributeId: AttributeIds.Value,
        value: { value },
      })),
    );
    return statusCodes.map((statusCode) => statusCode.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.values()) await client[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

export function valueOf(result: CallMethodResult, i: number): unknown {
  return result.outputArguments?.[i]?.value;
}

export const text = (value: string): VariantLike => ({ dataType: DataType.String, value });
export const float = (value: number): VariantLike => ({ dataType: DataType.Float, value });
