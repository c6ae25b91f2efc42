import { type AddressSpace, DataType, type UAObject, Variant } from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { DeviceTests } from "#fleet/device-tests.ts";
import type { TestReport } from "#fleet/tests/test-report.ts";
import { InternalError } from "#model/errors.ts";
import { isObjectNode } from "./engine/node-guards.ts";

const severity = 100;

/** Tells clients how a test goes on: a ProgressEvent (OPC 10000-5, 6.4.35) of the device for every step. */
export function tellTestProgress(addressSpace: AddressSpace, tests: DeviceTests): void {
  const server = addressSpace.findNode("ns=0;i=2253");
  if (!isObjectNode(server)) throw new InternalError("the address space has no Server object");
  tests.onProgress((device, report) => {
    if (server.listenerCount("event") > 0) raise(server, addressSpace, device, report);
  });
}

function raise(server: UAObject, addressSpace: AddressSpace, device: Device, report: TestReport): void {
  const node = addressSpace.findNode(`ns=1;s=${device.id}`);
  const source = node === null ? {} : { sourceNode: new Variant({ dataType: DataType.NodeId, value: node.nodeId }) };
  const last = report.steps.at(-1);
  const step = last === undefined ? "" : `, ${last.name} ${last.verdict}`;
  const text = `${report.test} of ${device.id} ${report.verdict}${step}`;
  server.raiseEvent("ProgressEventType", {
    ...source,
    sourceName: new Variant({ dataType: DataType.String, value: device.id }),
    message: new Variant({ dataType: DataType.LocalizedText, value: { text } }),
    severity: new Variant({ dataType: DataType.UInt16, value: severity }),
    // What GetTestReport takes.
    context: new Variant({ dataType: DataType.String, value: report.id }),
    progress: new Variant({ dataType: DataType.UInt16, value: report.progressPercent }),
  });
}
