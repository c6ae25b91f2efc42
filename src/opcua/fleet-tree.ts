import { type AddressSpace, NodeClass, QualifiedName, type UAObject } from "node-opcua";
import type { Device } from "#fleet/device.ts";
import { InternalError } from "#model/errors.ts";
import type { LeanNodes } from "./engine/lean-nodes.ts";
import { isObjectNode } from "./engine/node-guards.ts";
import { displayNameOf } from "./plan-nodes.ts";

/** A folder holds at most this many devices; a browse of more stalls the server. */
export const maxDevicesPerFolder = 500;

/**
 * `Objects/Fleet`: the devices in folders by where they are, none with more than 500 of them. Each folder is a notifier of
 * the events below it; HasNotifier leads up only, because down it would show every device twice beside Organizes.
 */
export class FleetTree {
  readonly #lean: LeanNodes;
  readonly root: UAObject;
  readonly #folderType;
  readonly #folders = new Map<string, UAObject>();
  /** Number of devices in each folder, by its path. */
  readonly #counts = new Map<string, number>();
  readonly #pathOf = new Map<Device, string>();

  constructor(lean: LeanNodes, addressSpace: AddressSpace) {
    this.#lean = lean;
    const folderType = addressSpace.findObjectType("FolderType");
    if (folderType === null) throw new InternalError("FolderType is not in the address space");
    this.#folderType = lean.sharedReference("HasTypeDefinition", folderType);
    const { objects } = addressSpace.rootFolder;
    this.root = this.#folder("Fleet", "Fleet", objects);
    lean.link(objects.server, "HasNotifier", this.root);
  }

  add(device: Device, object: UAObject): void {
    const path = this.#roomFor(placeOf(device));
    this.#pathOf.set(device, path);
    this.#counts.set(path, (this.#counts.get(path) ?? 0) + 1);
    this.#lean.link(this.#at(path), "Organizes", object);
    this.#lean.pointBack(this.#at(path), "HasNotifier", object);
  }

  /** The folders that tell of the events of a device, from the outermost in (OPC 10000-3, 7.17). */
  notifiersOf(device: Device): readonly UAObject[] {
    const path = this.#pathOf.get(device);
    if (path === undefined) return [];
    const steps = path.split("/");
    return [this.root, ...steps.map((_, i) => this.#at(steps.slice(0, i + 1).join("/")))];
  }

  remove(device: Device, object: UAObject): void {
    const path = this.#pathOf.get(device);
    if (path === undefined) return;
    this.#pathOf.delete(device);
    this.#counts.set(path, (this.#counts.get(path) ?? 1) - 1);
    this.#lean.unlink(this.#at(path), "Organizes", object);
  }

  /** The first folder of `place`, `place (2)`, `place (3)` ... that is not full. */
  #roomFor(place: string): string {
    let path = place;
    for (let n = 2; (this.#counts.get(path) ?? 0) >= maxDevicesPerFolder; n += 1) path = `${place} (${n})`;
    return path;
  }

  #at(path: string): UAObject {
    if (path === "") return this.root;
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const cut = path.lastIndexOf("/");
    const parent = this.#at(path.slice(0, Math.max(cut, 0)));
    const folder = this.#folder(path.slice(cut + 1), `Fleet/${path}`, parent);
    this.#lean.pointBack(parent, "HasNotifier", folder);
    this.#folders.set(path, folder);
    return folder;
  }

  #folder(name: string, key: string, parent: UAObject): UAObject {
    const node = this.#lean.add(
      {
        nodeClass: NodeClass.Object,
        browseName: new QualifiedName({ namespaceIndex: 1, name }),
        displayName: displayNameOf(name),
        shared: [this.#folderType],
        isNotifier: true,
      },
      key,
      parent,
      "Organizes",
    );
    if (!isObjectNode(node)) throw new InternalError(`folder ${key} is no object`);
    return node;
  }
}

/** Site and switchboard of a device: the path it reports under (Sparkplug group and edge node), until it is told otherwise. */
function placeOf({ protocol, address }: Device): string {
  // Only Sparkplug addresses name places; the first levels of the others name the protocol.
  const segments = protocol === "sparkplug" ? address.split("/").slice(0, -1) : [];
  return segments.length === 0 ? "Unplaced" : segments.join("/");
}
