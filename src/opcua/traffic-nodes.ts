import { type AddressSpace, coerceUInt64, DataType, type UAObject, Variant, VariantArrayType } from "node-opcua";
import { rejectionReasons } from "#fleet/ports.ts";
import type { Traffic, TrafficTotals } from "#fleet/traffic.ts";
import { protocols } from "#model/protocol.ts";
import { networkNames } from "./networks.ts";

/** A count below `Objects/Traffic` or below one of its protocols. */
interface Counter {
  readonly name: string;
  readonly description: string;
  readonly read: (totals: TrafficTotals) => number;
}

const counters: readonly Counter[] = [
  { name: "Messages", description: "Messages that arrived", read: ({ messages }) => messages },
  { name: "Accepted", description: "Messages taken in, at least in part", read: ({ accepted }) => accepted },
  { name: "Rejected", description: "Messages that were not used", read: ({ rejectedTotal }) => rejectedTotal },
  {
    name: "Pending",
    description: "Messages held back until what they build on is there: Messages = Accepted + Rejected + Pending",
    read: ({ pending }) => pending,
  },
  { name: "Values", description: "Values that reached the devices or their history", read: ({ samples }) => samples },
];

/**
 * `Objects/Traffic`: what came in since the server started and what became of it, in all and by protocol; rejected messages
 * and unused parts of accepted ones by reason.
 */
export function showTraffic(addressSpace: AddressSpace, traffic: Traffic): void {
  const root = addressSpace.getOwnNamespace().addFolder(addressSpace.rootFolder.objects, {
    browseName: "Traffic",
    nodeId: "s=Traffic",
    description: "Messages from devices since the server started, and what became of them",
  });
  addCounters(root, "Traffic", () => traffic);
  for (const protocol of protocols) {
    const { network } = networkNames[protocol];
    const key = `Traffic/${network}`;
    const folder = root.namespace.addFolder(root, { browseName: network, nodeId: `s=${key}` });
    addCounters(folder, key, () => traffic.over(protocol));
  }
}

function addCounters(folder: UAObject, key: string, totals: () => TrafficTotals | undefined): void {
  for (const { name, description, read } of counters)
    addCounter(folder, { name, key, description }, count(totals, read));
  const reasons = (name: string, description: string, read: (found: TrafficTotals, reason: Reason) => number): void => {
    const group = folder.namespace.addFolder(folder, { browseName: name, nodeId: `s=${key}/${name}`, description });
    for (const reason of rejectionReasons) {
      const about = { name: reason, key: `${key}/${name}`, description: "" };
      addCounter(
        group,
        about,
        count(totals, (found) => read(found, reason)),
      );
    }
  };
  reasons("RejectedByReason", "Messages that were not used", ({ rejected }, reason) => rejected[reason]);
  reasons(
    "FlawedByReason",
    "Parts of accepted messages not used, or corrected",
    ({ flawed }, reason) => flawed[reason],
  );
}

type Reason = (typeof rejectionReasons)[number];

function count(totals: () => TrafficTotals | undefined, read: (totals: TrafficTotals) => number): () => number {
  return () => {
    const found = totals();
    return found === undefined ? 0 : read(found);
  };
}

interface About {
  readonly name: string;
  readonly key: string;
  readonly description: string;
}

function addCounter(folder: UAObject, { name, key, description }: About, read: () => number): void {
  folder.namespace.addVariable({
    browseName: name,
    nodeId: `s=${key}/${name}`,
    componentOf: folder,
    description,
    dataType: DataType.UInt64,
    minimumSamplingInterval: 1_000,
    value: {
      get: () =>
        new Variant({ dataType: DataType.UInt64, arrayType: VariantArrayType.Scalar, value: coerceUInt64(read()) }),
    },
  });
}
