import {
  AttributeIds,
  type ClientMonitoredItem,
  ClientSubscription,
  constructEventFilter,
  DataType,
  resolveNodeId,
  StatusCodes,
  TimestampsToReturn,
  type Variant,
} from "node-opcua-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AddCause } from "#model/add-cause.ts";
import { ControlServer, float, text, valueOf } from "../support/control-server.ts";
import type { ScadaClient } from "../support/opcua-client.ts";
import type { TestFleet } from "../support/test-fleet.ts";
import { until } from "../support/until.ts";

/** Commands, writes and locks as an OPC UA client sees them, over a fleet in memory whose breakers obey at once. */

let server: ControlServer;
let fleet: TestFleet;

beforeAll(async () => {
  server = await ControlServer.start();
  fleet = server.fleet;
}, 60_000);

afterAll(() => server?.[Symbol.asyncDispose]());

beforeEach(() => server.reset());

describe("a command method", () => {
  it("answers with AddCause, the id that the audit has, and the position", async () => {
    const result = await server.call("operator", "Trip", [text("smoke")]);

    expect(result.statusCode).toBe(StatusCodes.Good);
    expect(result.outputArguments?.map((output: Variant) => DataType[output.dataType])).toEqual([
      "Int32",
      "Guid",
      "Byte",
    ]);
    expect([valueOf(result, 0), valueOf(result, 2)]).toEqual([0, 1]);
    expect(fleet.audit.entries.findLast(({ kind }) => kind === "intent")).toMatchObject({
      user: "operator",
      action: "Trip",
      arguments: { Reason: "smoke" },
    });
  });

  it("declares its outputs, so that a client can read them before it calls", async () => {
    const client = await server.as("viewer");
    const methodId = await server.methodId(client, "Trip");

    const { inputArguments, outputArguments } = await client.session.getArgumentDefinition(methodId);

    expect(inputArguments.map(({ name }) => name)).toEqual(["Reason"]);
    expect(outputArguments.map(({ name }) => name)).toEqual(["Status", "CommandId", "Position"]);
  });

  it("tells the AddCause of a refusal, too", async () => {
    fleet.sample("TripState", 1);
    fleet.sample("Position", 1);
    fleet.control.locks.init(server.second, { user: "x", roles: ["operator"], origin: "x" }, "");

    const blocked = await server.call("operator", "Select", [text("Close")]);
    const foreign = await server.call("operator", "Trip", [text("")], "CB-2");
    const denied = await server.call("viewer", "Trip", [text("")]);

    expect([blocked.statusCode.name, valueOf(blocked, 0)]).toEqual([
      "BadRequestNotAllowed",
      AddCause.blockedByInterlocking,
    ]);
    expect([foreign.statusCode.name, valueOf(foreign, 0)]).toEqual(["BadLocked", AddCause.lockedByOtherClient]);
    expect([denied.statusCode.name, valueOf(denied, 0)]).toEqual(["BadUserAccessDenied", AddCause.noAccessAuthority]);
  });

  it("is done side by side on many devices in one request, each on its own", async () => {
    const client = await server.as("operator");
    const methodId = await server.methodId(client, "Trip");
    const arrived: string[] = [];
    const both = Promise.withResolvers<void>();
    fleet.transport.send = async (device, command) => {
      arrived.push(device.id);
      if (arrived.length === 2) both.resolve();
      // Neither is answered before the other one was sent.
      await both.promise;
      fleet.transport.onSend(device, command);
    };

    const results = await client.session.call(
      ["CB-1", "CB-2", "CB-9"].map((device) => ({
        objectId: `ns=1;s=${device}/MethodSet`,
        methodId,
        inputArguments: [text("")],
      })),
    );
    fleet.transport.send = async (device, command) => fleet.transport.onSend(device, command);

    expect(results.map(({ statusCode }) => statusCode.name)).toEqual(["Good", "Good", "BadNodeIdUnknown"]);
    expect(arrived.sort()).toEqual(["CB-1", "CB-2"]);
  });
});

describe("select before operate", () => {
  it("lets the session close once that selected, and nobody else", async () => {
    fleet.sample("Position", 1);
    const [anna, otto] = ["operator", "maintenance"] as const;

    expect((await server.call(anna, "Close")).statusCode.name).toBe("BadInvalidState");
    const selected = await server.call(anna, "Select", [text("Close")]);
    expect([valueOf(selected, 0), valueOf(selected, 2)]).toEqual([0, 30_000]);
    const foreign = await server.call(otto, "Close");
    expect([foreign.statusCode.name, valueOf(foreign, 0)]).toEqual(["BadInvalidState", AddCause.lockedByOtherClient]);
    expect((await server.call(anna, "Close")).statusCode).toBe(StatusCodes.Good);
    fleet.sample("Position", 1);
    expect((await server.call(anna, "Close")).statusCode.name).toBe("BadInvalidState");
  });

  it("ends with the session", async () => {
    fleet.sample("Position", 1);
    const { session } = await server.as("operator", "short");
    const methodId = await server.methodId(await server.as("operator"), "Select");
    const selected = await session.call({
      objectId: "ns=1;s=CB-1/MethodSet",
      methodId,
      inputArguments: [text("Close")],
    });
    expect(selected.statusCode).toBe(StatusCodes.Good);

    await server.leave("operator", "short");

    await until("a free selection", 5_000, async () => {
      const result = await server.call("maintenance", "Select", [text("Close")]);
      return result.statusCode.isGood() || undefined;
    });
  });

  it("is given up by its token", async () => {
    fleet.sample("Position", 1);
    const selectId = valueOf(await server.call("operator", "Select", [text("Close")]), 1) as string;

    expect((await server.call("maintenance", "Cancel", [guid(selectId)])).statusCode.name).toBe("BadInvalidState");
    expect((await server.call("operator", "Cancel", [guid(selectId)])).statusCode).toBe(StatusCodes.Good);
    expect((await server.call("maintenance", "Select", [text("Close")])).statusCode).toBe(StatusCodes.Good);
  });
});

describe("an OPC UA Write", () => {
  it("is Good once the device reported the value, and fails node by node", async () => {
    const codes = await server.write("maintenance", [
      ["CB-1/ThermalPickup", float(200)],
      ["CB-2/ThermalPickup", float(210)],
      ["CB-1/ThermalPickup", float(9_999)],
      ["CB-1/ThermalPickup", text("200")],
      ["CB-1/CurrentPhaseA", float(1)],
      ["CB-1/InstantaneousPickup", float(600)],
      ["CB-1/Ghost", float(1)],
      ["CB-1/OvercurrentDelay", float(150)],
    ]);

    expect(codes).toEqual([
      "Good",
      "Good",
      "BadOutOfRange",
      "BadTypeMismatch",
      "BadNotWritable",
      "BadOutOfRange",
      "BadNodeIdUnknown",
      "Good",
    ]);
    const client = await server.as("viewer");
    expect((await client.read("ns=1;s=CB-1/ThermalPickup")).value.value).toBe(200);
    expect((await client.read("ns=1;s=CB-1/OvercurrentDelay")).value.value).toBe(150);
  });

  it("of several values of one device keeps the order of the request", async () => {
    const order: unknown[] = [];
    fleet.transport.onWrite = (device, { parameter, value }) => {
      order.push(value);
      fleet.sampleOf(device, parameter.name, Number(value));
    };

    const codes = await server.write(
      "maintenance",
      [110, 120, 130, 140].map((value) => ["CB-1/ThermalPickup", float(value)] as const),
    );

    expect(codes).toEqual(["Good", "Good", "Good", "Good"]);
    expect(order).toEqual([110, 120, 130, 140]);
  });

  it("does not change the node when the device does not take the value", async () => {
    fleet.transport.onWrite = (device, { correlationId }) =>
      fleet.ingest.acknowledged(device, { correlationId, accepted: false, reason: "no", addCause: 26, at: 0 });

    expect(await server.write("maintenance", [["CB-1/ThermalPickup", float(200)]])).toEqual(["BadRequestNotAllowed"]);
    const client = await server.as("viewer");
    expect((await client.read("ns=1;s=CB-1/ThermalPickup")).value.value).toBe(250);
  });

  it("cannot set the quality of a value, which is the device's to say", async () => {
    const { session } = await server.as("maintenance");

    const statusCode = await session.write({
      nodeId: resolveNodeId("ns=1;s=CB-1/ThermalPickup"),
      attributeId: AttributeIds.Value,
      value: { value: float(200), statusCode: StatusCodes.UncertainSensorNotAccurate },
    });

    expect(statusCode.name).toBe("BadWriteNotSupported");
  });
});

describe("the Lock of a device (OPC 10000-100, clause 7)", () => {
  it("keeps everyone else out with BadLocked, shows its holder, and answers with the codes of the standard", async () => {
    const [anna, otto] = [await server.as("operator"), await server.as("admin")];
    const read = async (name: string) => (await otto.read(`ns=1;s=CB-1/Lock/${name}`)).value.value as unknown;

    expect(await server.lock(anna, "InitLock", [text("relay test")])).toEqual({ status: "Good", code: 0 });
    expect(await server.lock(otto, "InitLock", [text("")])).toEqual({ status: "Good", code: -1 });
    expect([await read("Locked"), await read("LockingUser")]).toEqual([true, "operator"]);
    expect(await read("LockingClient")).toContain("urn:");
    expect(await read("RemainingLockTime")).toBe(60_000);

    expect((await server.call("admin", "Trip", [text("")])).statusCode.name).toBe("BadLocked");
    expect(await server.write("admin", [["CB-1/ThermalPickup", float(200)]])).toEqual(["BadLocked"]);
    expect((await server.call("admin", "ApplyTemplate", [text("Motor")])).statusCode.name).toBe("BadLocked");
    expect((await server.lock(otto, "ExitLock")).status).toBe("BadLocked");
    expect((await server.call("operator", "Trip", [text("")])).statusCode).toBe(StatusCodes.Good);

    expect(await server.lock(anna, "RenewLock")).toEqual({ status: "Good", code: 0 });
    expect(await server.lock(otto, "BreakLock")).toEqual({ status: "Good", code: 0 });
    expect(await server.lock(anna, "ExitLock")).toEqual({ status: "Good", code: -1 });
    expect([await read("Locked"), await read("LockingUser"), await read("RemainingLockTime")]).toEqual([false, "", 0]);
  });

  it("ends with the session that took it", async () => {
    const client = await server.as("operator", "short");
    expect(await server.lock(client, "InitLock", [text("")], "CB-2")).toEqual({ status: "Good", code: 0 });

    await server.leave("operator", "short");

    await until("the lock gone", 5_000, () => fleet.control.locks.of(server.second) === undefined || undefined);
  });

  it("says for how long a silent holder keeps it", async () => {
    const client = await server.as("viewer");
    const di = await client.indexOf("http://opcfoundation.org/UA/DI/");

    expect((await client.read(`ns=${di};i=6387`)).value.value).toBe(60_000);
  });
});

describe("templates, tests and configuration", () => {
  it("applies a template as a whole and tells what became of each setting", async () => {
    const result = await server.call("maintenance", "ApplyTemplate", [text("Motor")]);

    expect(result.statusCode).toBe(StatusCodes.Good);
    expect(valueOf(result, 2)).toEqual(["ThermalPickup", "OvercurrentPickup", "InstantaneousPickup"]);
    expect(valueOf(result, 4)).toEqual(["applied", "applied", "applied"]);

    const broken = await server.call("maintenance", "ApplyTemplate", [text("Broken")]);
    expect(broken.statusCode.name).toBe("BadOutOfRange");
    const codes = valueOf(broken, 3) as { readonly name: string }[];
    expect(codes.map(({ name }) => name)).toEqual(["BadNothingToDo", "BadOutOfRange"]);
  });

  it("starts a test, gives its report while it runs, and aborts it", async () => {
    fleet.sample("Position", 1);
    fleet.transport.onSend = (device, { correlationId }) =>
      fleet.ingest.acknowledged(device, { correlationId, accepted: true, reason: undefined, at: 0 });
    const reportOf = async (id: string) => {
      const result = await server.call("viewer", "GetTestReport", [guid(id)]);
      return JSON.parse(valueOf(result, 0) as string) as unknown;
    };

    const started = await server.call("maintenance", "ProtectionTest", [text("")]);
    expect(started.statusCode).toBe(StatusCodes.Good);
    const id = valueOf(started, 1) as string;
    expect(await reportOf(id)).toMatchObject({ test: "ProtectionTest", verdict: "running", user: "maintenance" });

    expect((await server.call("maintenance", "AbortTest", [guid(id)])).statusCode).toBe(StatusCodes.Good);
    expect(await reportOf(id)).toMatchObject({ verdict: "aborted" });
    expect((await server.call("maintenance", "AbortTest", [guid(id)])).statusCode.name).toBe("BadInvalidArgument");
    const other = "11111111-1111-1111-1111-111111111111";
    expect((await server.call("viewer", "GetTestReport", [guid(other)])).statusCode.name).toBe("BadInvalidArgument");
  });

  it("gives the configuration, counts its changes, and accepts what was changed on site", async () => {
    const client = await server.as("maintenance");
    const counter = async () => (await client.read("ns=1;s=CB-1/Nameplate/RevisionCounter")).value.value as number;
    const before = await counter();
    fleet.sample("ThermalPickup", 177);

    const result = await server.call("viewer", "GetConfiguration");

    expect(JSON.parse(valueOf(result, 0) as string)).toMatchObject({ settings: { ThermalPickup: 177 } });
    expect(valueOf(result, 1)).toBe(before + 1);
    expect(await counter()).toBe(before + 1);
    expect(fleet.control.warnings.find("configuration-differs", fleet.breaker)).toBeDefined();
    expect((await server.call("maintenance", "AcceptConfiguration")).statusCode).toBe(StatusCodes.Good);
    expect(fleet.control.warnings.find("configuration-differs", fleet.breaker)).toBeUndefined();
  });
});

describe("audit events", () => {
  it("tell a security administrator of calls and writes, and nobody else", async () => {
    const admin = await listen(await server.as("admin"));
    const viewer = await listen(await server.as("viewer"));
    await server.call("operator", "Trip", [text("why not")]);
    await server.write("maintenance", [["CB-1/ThermalPickup", float(222)]]);
    await server.write("operator", [["CB-1/ThermalPickup", float(223)]]);

    await until("three events", 5_000, () => admin.seen.length >= 3 || undefined);

    expect(admin.seen.map(([type, source, who, isDone]) => [type, source, who, isDone])).toEqual([
      [methodEvent, "Attribute/Call", "operator", true],
      [writeEvent, "Attribute/Write", "maintenance", true],
      [writeEvent, "Attribute/Write", "operator", false],
    ]);
    expect(admin.seen[1]?.slice(4, 6)).toEqual([250, 222]);
    expect(viewer.seen).toEqual([]);
    await admin.subscription.terminate();
    await viewer.subscription.terminate();
  });
});

/** AuditUpdateMethodEventType and AuditWriteUpdateEventType. */
const methodEvent = "ns=0;i=2127";
const writeEvent = "ns=0;i=2100";

const guid = (value: string) => ({ dataType: DataType.Guid, value });

async function listen(client: ScadaClient) {
  const seen: unknown[][] = [];
  const subscription = ClientSubscription.create(client.session, {
    requestedPublishingInterval: 50,
    requestedLifetimeCount: 1000,
    requestedMaxKeepAliveCount: 10,
    publishingEnabled: true,
  });
  const fields = ["EventType", "SourceName", "ClientUserId", "Status", "OldValue", "NewValue"];
  const item: ClientMonitoredItem = await subscription.monitor(
    { nodeId: "i=2253", attributeId: AttributeIds.EventNotifier },
    { samplingInterval: 0, queueSize: 100, discardOldest: true, filter: constructEventFilter(fields) },
    TimestampsToReturn.Neither,
  );
  item.on("changed", (values) => {
    const [type, ...rest] = (values as unknown as Variant[]).map(({ value }) => value as unknown);
    const name = String(type);
    if (name === methodEvent || name === writeEvent) seen.push([name, ...rest]);
  });
  return { seen, subscription };
}
