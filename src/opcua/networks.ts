import {
  type AddressSpace,
  type BaseNode,
  DataType,
  type Namespace,
  type UAObject,
  type UAObjectType,
  Variant,
} from "node-opcua";
import { InternalError } from "#model/errors.ts";
import type { Protocol } from "#model/protocol.ts";
import { connectionVariables } from "./connection-variables.ts";
import { isObjectNode, isVariableNode } from "./engine/node-guards.ts";

/** Numeric ids of the DI NodeSet (OPC 10000-100, 7.3 to 7.6). */
const diIds = { networkSet: 6078, onlineAccess: 6095 } as const;

/** Types of our own for how devices are connected. */
const connectionTypesUri = "urn:fdi-host:types:connection";

/** Names of the networks that protocols form, and of their protocol types. */
export const networkNames = {
  sparkplug: { network: "SparkplugB", protocolType: "SparkplugBProtocolType" },
  json: { network: "MqttJson", protocolType: "MqttJsonProtocolType" },
  lwm2m: { network: "Lwm2m", protocolType: "Lwm2mProtocolType" },
} as const satisfies Record<Protocol, { network: string; protocolType: string }>;

/** Networks, connection points and the online state of the topology: the DI view of how devices are reached. */
export class Networks {
  /** Type of the connection point of every device. */
  readonly connectionPointType: UAObjectType;
  readonly #addressSpace: AddressSpace;
  readonly #diIndex: number;
  readonly #types: Namespace;
  readonly #networks = new Map<Protocol, UAObject>();

  constructor(addressSpace: AddressSpace, diIndex: number) {
    this.#addressSpace = addressSpace;
    this.#diIndex = diIndex;
    this.#types = addressSpace.registerNamespace(connectionTypesUri);
    this.connectionPointType = this.#addConnectionPointType();
  }

  /** The network that the devices of a protocol are on; made when the first of them comes. */
  networkOf(protocol: Protocol): UAObject {
    const known = this.#networks.get(protocol);
    if (known !== undefined) return known;
    const names = networkNames[protocol];
    const networkSet = this.#di(diIds.networkSet);
    const networkType = this.#addressSpace.findObjectType("NetworkType", this.#diIndex);
    const protocolType = this.#addressSpace.findObjectType("ProtocolType", this.#diIndex);
    if (!isObjectNode(networkSet) || networkType === null || protocolType === null) {
      throw new InternalError("the DI NodeSet has no NetworkSet");
    }
    const namespace = this.#addressSpace.getOwnNamespace();
    const network = namespace.addObject({
      browseName: { namespaceIndex: 1, name: names.network },
      nodeId: `s=Networks/${names.network}`,
      componentOf: networkSet,
      typeDefinition: networkType.nodeId,
    });
    const ownProtocolType = this.#types.addObjectType({ browseName: names.protocolType, subtypeOf: protocolType });
    namespace.addObject({
      browseName: { namespaceIndex: this.#types.index, name: names.network },
      nodeId: `s=Networks/${names.network}/Protocol`,
      componentOf: network,
      typeDefinition: ownProtocolType.nodeId,
    });
    this.#networks.set(protocol, network);
    return network;
  }

  /** Lets `DeviceTopology/OnlineAccess` say whether devices can be reached now. */
  showOnlineAccess(isOnline: () => boolean): void {
    const variable = this.#di(diIds.onlineAccess);
    if (!isVariableNode(variable)) throw new InternalError("the DI NodeSet has no OnlineAccess");
    variable.minimumSamplingInterval = 1_000;
    variable.bindVariable({ get: () => new Variant({ dataType: DataType.Boolean, value: isOnline() }) }, true);
  }

  #addConnectionPointType(): UAObjectType {
    const base = this.#addressSpace.findObjectType("ConnectionPointType", this.#diIndex);
    const groupType = this.#addressSpace.findObjectType("FunctionalGroupType", this.#diIndex);
    if (base === null || groupType === null) throw new InternalError("the DI NodeSet has no ConnectionPointType");
    const type = this.#types.addObjectType({ browseName: "BrokerConnectionPointType", subtypeOf: base });
    const group = this.#types.addObject({
      browseName: { namespaceIndex: this.#diIndex, name: "NetworkAddress" },
      componentOf: type,
      typeDefinition: groupType.nodeId,
      modellingRule: "Mandatory",
    });
    this.#types.addVariable({
      browseName: "Address",
      description: "Where the transport reaches the device, e.g. group/edge node/device",
      componentOf: group,
      dataType: DataType.String,
      modellingRule: "Mandatory",
    });
    for (const { name, description, dataType } of connectionVariables) {
      this.#types.addVariable({
        browseName: name,
        description,
        componentOf: type,
        dataType,
        modellingRule: "Mandatory",
      });
    }
    return type;
  }

  #di(id: number): BaseNode | null {
    return this.#addressSpace.findNode(`ns=${this.#diIndex};i=${id}`);
  }

  /** Namespace index of the names that connection points use. */
  get namespaceIndex(): number {
    return this.#types.index;
  }
}
