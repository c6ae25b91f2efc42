import { type AddressNode, ids, namespaceOf } from "./address-node.ts";
import { AddressSpaceReader } from "./address-space-reader.ts";
import { type DoctorLogin, openSession } from "./connect.ts";
import { type DoctorReport, type Finding, maxFindings } from "./doctor-report.ts";
import { ReferenceTypes } from "./reference-types.ts";
import { declarationRules, instanceRules } from "./rules/all-rules.ts";
import { isStandardNode, type Rule, RuleContext, type RuleName } from "./rules/rule.ts";
import { isTypeClass, TypeLibrary, targetsOf } from "./type-library.ts";
import { type WalkRoot, walk } from "./walk.ts";

export interface DoctorOptions {
  /** E.g. `opc.tcp://localhost:4840`. */
  readonly endpointUrl: string;
  /** Without a login the session is anonymous and open, which only a demo server allows. */
  readonly login?: DoctorLogin;
  /** Keeps the doctor's own client certificate. */
  readonly pkiFolder: string;
  /** Looks at no more devices than this; default: all. */
  readonly maxDevices?: number;
}

/** Devices that are read together: saves round trips, bounds memory. */
const devicesAtATime = 20;
const dangling: RuleName = { rule: "dangling-reference", clause: "OPC 10000-3, 4.3.4", severity: "error" };

/**
 * Examines the address space of a running server from outside: instances against their types, names, values, units,
 * ranges, methods, history flags, references. Throws `command-not-sent` when no session can be opened.
 */
export async function runDoctor(options: DoctorOptions): Promise<DoctorReport> {
  await using connection = await openSession(options);
  const started = performance.now();
  const reader = await AddressSpaceReader.open(connection.session);
  const examination = new Examination(reader, await reader.namespaces(), await ReferenceTypes.load(reader));
  await examination.run(options.maxDevices ?? Number.POSITIVE_INFINITY);
  return examination.report(options.endpointUrl, performance.now() - started);
}

class Examination {
  readonly #reader: AddressSpaceReader;
  readonly #namespaces: readonly string[];
  readonly #referenceTypes: ReferenceTypes;
  readonly #types: TypeLibrary;
  readonly #findings: Finding[] = [];
  /** Nodes that were examined, or are known to be there. */
  readonly #there = new Set<string>();
  #errors = 0;
  #warnings = 0;
  #counts = { devices: 0, nodes: 0, variables: 0, methods: 0, types: 0 };
  #devicesLeftOut = 0;

  constructor(reader: AddressSpaceReader, namespaces: readonly string[], referenceTypes: ReferenceTypes) {
    this.#reader = reader;
    this.#namespaces = namespaces;
    this.#referenceTypes = referenceTypes;
    this.#types = new TypeLibrary(reader, referenceTypes);
  }

  async run(maxDevices: number): Promise<void> {
    const entries = await this.#entryPoints();
    const deviceSet = entries.find(({ name }) => name.endsWith(":DeviceSet"));
    const inDeviceSet = deviceSet === undefined ? [] : await this.#childrenOf(deviceSet);
    const devices = inDeviceSet.filter(({ name }) => !name.endsWith(":DeviceFeatures"));
    const chosen = devices.slice(0, maxDevices);
    this.#devicesLeftOut = devices.length - chosen.length;
    this.#counts.devices = chosen.length;
    for (let i = 0; i < chosen.length; i += devicesAtATime) {
      await this.#examine(chosen.slice(i, i + devicesAtATime), new Set());
    }
    await this.#examine(entries, new Set(devices.map(({ id }) => id)));
    await this.#examineTypes();
  }

  report(endpointUrl: string, durationMs: number): DoctorReport {
    return {
      endpointUrl,
      namespaces: this.#namespaces,
      checked: this.#counts,
      devicesLeftOut: this.#devicesLeftOut,
      errors: this.#errors,
      warnings: this.#warnings,
      findings: this.#findings,
      durationMs: Math.round(durationMs),
    };
  }

  /** What lies below Objects, and what others added to the Server object. */
  async #entryPoints(): Promise<WalkRoot[]> {
    const objects: WalkRoot = { id: ids.objectsFolder, nodeClass: "Object", name: "0:Objects", path: "0:Objects" };
    const server: WalkRoot = { id: ids.server, nodeClass: "Object", name: "0:Server", path: "0:Objects/0:Server" };
    const found = [...(await this.#childrenOf(objects)), ...(await this.#childrenOf(server))];
    return found.filter(({ name }) => namespaceOf(name) !== 0);
  }

  async #childrenOf(parent: WalkRoot): Promise<WalkRoot[]> {
    const [references = []] = await this.#reader.browse([parent.id]);
    return references
      .filter((reference) => this.#referenceTypes.isChild(reference.type))
      .map(({ target, targetClass, targetName }) => ({
        id: target,
        nodeClass: targetClass,
        name: targetName,
        path: `${parent.path}/${targetName}`,
      }));
  }

  async #examine(roots: readonly WalkRoot[], elsewhere: ReadonlySet<string>): Promise<void> {
    const nodes = await walk(roots, {
      reader: this.#reader,
      referenceTypes: this.#referenceTypes,
      known: this.#types.nodes,
      stopsAt: (id) => elsewhere.has(id),
    });
    const own = [...nodes.values()].filter(({ id }) => !this.#types.nodes.has(id));
    await this.#loadTypes(own);
    this.#check(own, nodes, instanceRules);
    await this.#findDangling(own, new Set([...nodes.keys(), ...elsewhere]));
  }

  async #examineTypes(): Promise<void> {
    for (let before = -1; before !== this.#types.nodes.size; ) {
      before = this.#types.nodes.size;
      await this.#loadTypes([...this.#types.nodes.values()]);
    }
    const all = [...this.#types.nodes.values()];
    const own = all.filter((node) => !this.#isStandard(node.id));
    this.#counts.types = all.filter(({ nodeClass }) => isTypeClass(nodeClass)).length;
    this.#check(own, this.#types.nodes, declarationRules);
    await this.#findDangling(own, this.#types.nodes);
  }

  async #loadTypes(nodes: readonly AddressNode[]): Promise<void> {
    const used = nodes.flatMap((node) => [
      ...targetsOf(node, ids.hasTypeDefinition),
      ...targetsOf(node, ids.hasInterface),
    ]);
    await this.#types.load(new Set(used));
    await this.#types.loadSupertypes(nodes.flatMap(({ variable }) => variable?.dataType ?? []));
    const conditions = nodes.flatMap((node) => node.references.filter(({ type }) => type === ids.hasCondition));
    await this.#types.loadSupertypes(conditions.map(({ target, targetType }) => targetType ?? target));
    const builtIn = Array.from({ length: 25 }, (_, i) => `ns=0;i=${i + 1}`);
    await this.#types.loadSupertypes(builtIn);
  }

  #check(nodes: readonly AddressNode[], all: ReadonlyMap<string, AddressNode>, rules: readonly Rule[]): void {
    const context = new RuleContext({
      nodes: all,
      types: this.#types,
      referenceTypes: this.#referenceTypes,
      namespaces: this.#namespaces,
      report: (finding) => this.#note(finding),
    });
    for (const node of nodes) {
      this.#counts.nodes += 1;
      if (node.nodeClass === "Variable") this.#counts.variables += 1;
      if (node.nodeClass === "Method") this.#counts.methods += 1;
      for (const rule of rules) rule(node, context);
    }
  }

  /** Every target of every reference is there (a client that follows it must not end in BadNodeIdUnknown). */
  async #findDangling(nodes: readonly AddressNode[], known: { has(id: string): boolean }): Promise<void> {
    const unknown = new Map<string, AddressNode>();
    for (const node of nodes) {
      for (const { target } of node.references) {
        if (!known.has(target) && !this.#there.has(target)) unknown.set(target, node);
      }
    }
    const missing = new Set(await this.#reader.missing([...unknown.keys()]));
    for (const [target, node] of unknown) {
      if (!missing.has(target)) this.#there.add(target);
      else
        this.#note({
          ...dangling,
          nodeId: node.id,
          path: node.path,
          found: `a reference to ${target}`,
          expected: "a node that is there",
        });
    }
  }

  #isStandard(nodeId: string): boolean {
    return isStandardNode(nodeId, this.#namespaces);
  }

  #note(finding: Finding): void {
    if (finding.severity === "error") this.#errors += 1;
    else this.#warnings += 1;
    if (this.#findings.length < maxFindings) this.#findings.push(finding);
  }
}
