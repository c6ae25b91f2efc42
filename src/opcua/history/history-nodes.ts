import {
  type AddressSpace,
  type BaseNode,
  DataType,
  EventNotifierFlags,
  type OPCUAServer,
  type UAObject,
} from "node-opcua";
import { defaultAggregateConfiguration } from "#model/aggregate.ts";
import { InternalError } from "#model/errors.ts";
import { isStepped } from "#model/is-stepped.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { isObjectNode, isVariableNode } from "#opcua/engine/node-guards.ts";
import { aggregateIds } from "./aggregate-functions.ts";
import { maxValuesPerNode } from "./reading.ts";

/** The HA Configuration objects that all parameters share (OPC 10000-11, 5.2.3): one each for stepped and sloped ones. */
export class HistoryConfigurations {
  readonly #stepped: BaseNode;
  readonly #sloped: BaseNode;

  constructor(addressSpace: AddressSpace) {
    this.#sloped = addConfiguration(addressSpace, "s=HistoryConfiguration", false);
    this.#stepped = addConfiguration(addressSpace, "s=HistoryConfiguration/Stepped", true);
  }

  of(spec: ParameterSpec): BaseNode {
    return isStepped(spec) ? this.#stepped : this.#sloped;
  }
}

function addConfiguration(addressSpace: AddressSpace, nodeId: string, stepped: boolean): BaseNode {
  const type = addressSpace.findObjectType("HistoricalDataConfigurationType");
  if (type === null) throw new InternalError("HistoricalDataConfigurationType is not in the address space");
  const optionals = ["ServerTimestampSupported", "AggregateFunctions"];
  const configuration = type.instantiate({ browseName: "HA Configuration", nodeId, optionals });
  if (!isObjectNode(configuration)) throw new InternalError("an HA Configuration is no object");
  setBoolean(configuration, "Stepped", stepped);
  setBoolean(configuration, "ServerTimestampSupported", true);
  const aggregates = configuration.getChildByName("AggregateConfiguration");
  if (!isObjectNode(aggregates)) throw new InternalError("an HA Configuration has no AggregateConfiguration");
  showDefaults(aggregates);
  offerAggregates(addressSpace, configuration.getChildByName("AggregateFunctions"));
  return configuration;
}

function showDefaults(aggregates: UAObject): void {
  const { treatUncertainAsBad, percentDataBad, percentDataGood, useSlopedExtrapolation } =
    defaultAggregateConfiguration;
  setBoolean(aggregates, "TreatUncertainAsBad", treatUncertainAsBad);
  setBoolean(aggregates, "UseSlopedExtrapolation", useSlopedExtrapolation);
  setValue(aggregates, "PercentDataBad", DataType.Byte, percentDataBad);
  setValue(aggregates, "PercentDataGood", DataType.Byte, percentDataGood);
}

function setBoolean(object: UAObject, name: string, value: boolean): void {
  setValue(object, name, DataType.Boolean, value);
}

function setValue(object: UAObject, name: string, dataType: DataType, value: unknown): void {
  const variable = object.getChildByName(name);
  if (!isVariableNode(variable)) throw new InternalError(`${object.browseName.toString()} has no ${name}`);
  variable.setValueFromSource({ dataType, value });
}

/** What the server says about its history before anybody asks for some (OPC 10000-11, 5.4; OPC 10000-13, 4.4). */
export function showHistoryCapabilities(server: OPCUAServer, addressSpace: AddressSpace): void {
  Object.assign(server.engine.historyServerCapabilities, {
    accessHistoryDataCapability: true,
    accessHistoryEventsCapability: true,
    maxReturnDataValues: maxValuesPerNode,
    maxReturnEventValues: maxValuesPerNode,
    insertDataCapability: true,
    replaceDataCapability: true,
    updateDataCapability: true,
    deleteRawCapability: true,
    deleteAtTimeCapability: true,
    insertAnnotationCapability: true,
    insertEventCapability: false,
    replaceEventCapability: false,
    updateEventCapability: false,
    deleteEventCapability: false,
  });
  const serverObject = addressSpace.findNode("ns=0;i=2253");
  if (!isObjectNode(serverObject)) throw new InternalError("the address space has no Server object");
  serverObject.setEventNotifier(EventNotifierFlags.SubscribeToEvents | EventNotifierFlags.HistoryRead);
  const capabilities = addressSpace.findNode("ns=0;i=11192");
  if (!isObjectNode(capabilities)) throw new InternalError("the Server has no HistoryServerCapabilities");
  setBoolean(capabilities, "ServerTimestampSupported", true);
  offerAggregates(addressSpace, capabilities.getChildByName("AggregateFunctions"));
  offerAggregates(addressSpace, addressSpace.findNode("ns=0;i=2997"));
}

/** Lists all standard aggregates in a folder. */
function offerAggregates(addressSpace: AddressSpace, folder: BaseNode | null): void {
  if (folder === null) throw new InternalError("there is no folder for aggregate functions");
  const offered = new Set(folder.findReferencesAsObject("Organizes", true).map(({ nodeId }) => nodeId.value));
  for (const [name, id] of aggregateIds) {
    const aggregate = addressSpace.findNode(`ns=0;i=${id}`);
    if (aggregate === null) throw new InternalError(`the aggregate ${name} is not in the address space`);
    if (!offered.has(id)) folder.addReference({ referenceType: "Organizes", nodeId: aggregate });
  }
}
