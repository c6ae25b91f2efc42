import type { NodeClassName } from "./address-node.ts";

/** An InstanceDeclaration (OPC 10000-3, 6.2.2) with those below it. */
export interface Declaration {
  /** `<namespace index>:<name>`. */
  readonly name: string;
  readonly nodeClass: NodeClassName;
  readonly isMandatory: boolean;
  /** Placeholders stand for any number of children with other names. */
  readonly isPlaceholder: boolean;
  readonly typeDefinition: string | undefined;
  /** Only of Variables. */
  readonly dataType: string | undefined;
  readonly valueRank: number | undefined;
  readonly children: ReadonlyMap<string, Declaration>;
}

const rules = { mandatory: "ns=0;i=78", optionalPlaceholder: "ns=0;i=11508", mandatoryPlaceholder: "ns=0;i=11510" };

/** What a modelling rule asks for. */
export function meaningOf(modellingRule: string): Pick<Declaration, "isMandatory" | "isPlaceholder"> {
  return {
    isMandatory: modellingRule === rules.mandatory,
    isPlaceholder: modellingRule === rules.optionalPlaceholder || modellingRule === rules.mandatoryPlaceholder,
  };
}

/** The declarations of a subtype over those of its supertype (OPC 10000-3, 6.3.3.3). */
export function overridden(
  base: ReadonlyMap<string, Declaration>,
  own: ReadonlyMap<string, Declaration>,
): Map<string, Declaration> {
  const merged = new Map(base);
  for (const [name, declaration] of own) {
    const inherited = base.get(name);
    merged.set(
      name,
      inherited === undefined
        ? declaration
        : {
            ...declaration,
            isMandatory: declaration.isMandatory || inherited.isMandatory,
            children: overridden(inherited.children, declaration.children),
          },
    );
  }
  return merged;
}
