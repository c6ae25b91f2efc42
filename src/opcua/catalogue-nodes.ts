import { type AddressSpace, DataType, type UAObject, Variant, type VariantOptions } from "node-opcua";
import { packageKey } from "#model/device-package.ts";
import type { DeviceTypeNodes } from "./device-type.ts";

/** `Objects/Catalogue`: every device package with its identity, its ObjectType and how many devices use it. */
export class CatalogueNodes {
  readonly object: UAObject;

  constructor(addressSpace: AddressSpace) {
    this.object = addressSpace.getOwnNamespace().addFolder(addressSpace.rootFolder.objects, {
      browseName: "Catalogue",
      nodeId: "s=Catalogue",
      description: "Device packages",
    });
  }

  remove(key: string): void {
    const object = this.object.namespace.findNode(`s=Catalogue/${key}`);
    if (object !== null) this.object.namespace.deleteNode(object);
  }

  /** `deviceCount` is asked whenever a client reads it. */
  add({ package: pkg, objectType }: DeviceTypeNodes, deviceCount: () => number): void {
    const { namespace } = this.object;
    const key = packageKey(pkg);
    const object = namespace.addObject({
      browseName: { namespaceIndex: 1, name: key },
      nodeId: `s=Catalogue/${key}`,
      organizedBy: this.object,
      description: pkg.identity.description,
    });
    const add = (name: string, value: VariantOptions): void => {
      const nodeId = `s=Catalogue/${key}/${name}`;
      const dataType = value.dataType ?? DataType.String;
      namespace.addVariable({ browseName: name, nodeId, propertyOf: object, dataType, value });
    };
    const text = (value: string): VariantOptions => ({ dataType: DataType.String, value });
    add("Id", text(pkg.id));
    add("Revision", text(pkg.revision));
    add("Manufacturer", text(pkg.identity.manufacturer));
    add("Model", text(pkg.identity.model));
    add("DeviceClass", text(pkg.identity.deviceClass));
    add("DeviceType", { dataType: DataType.NodeId, value: objectType.nodeId });
    add("ParameterCount", { dataType: DataType.UInt32, value: pkg.parameters.length });
    namespace.addVariable({
      browseName: "DeviceCount",
      nodeId: `s=Catalogue/${key}/DeviceCount`,
      propertyOf: object,
      dataType: DataType.UInt32,
      minimumSamplingInterval: 1_000,
      value: { get: () => new Variant({ dataType: DataType.UInt32, value: deviceCount() }) },
    });
  }
}
