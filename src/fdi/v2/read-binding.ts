import { type ElementReader, numberOf } from "#fdi/xml/element-reader.ts";
import type { CommandBinding } from "#model/command-spec.ts";
import type { ParameterValue } from "#model/data-type.ts";
import type { PointBinding } from "#model/parameter-spec.ts";
import { type Protocol, protocols } from "#model/protocol.ts";

type PerProtocol<T> = Readonly<Partial<Record<Protocol, T>>>;

/** Where a parameter is found on the wire, from its `Binding` children. */
export function readPointBindings(reader: ElementReader): PerProtocol<PointBinding> {
  return perProtocol(reader, (binding) => {
    const scale = binding.number("scale") ?? 1;
    if (scale === 0) binding.failAttribute("scale", "a number other than 0");
    const valueMap = new Map<string, number>();
    for (const entry of binding.children("Map")) {
      const value = entry.number("value");
      valueMap.set(entry.required("wire"), value ?? entry.fail("attribute value is missing"));
      entry.finish();
    }
    return {
      address: binding.required("address"),
      scale,
      offset: binding.number("offset") ?? 0,
      ...(valueMap.size === 0 ? {} : { valueMap }),
    };
  });
}

/** What carries a command on the wire; the value is `true` unless the element says otherwise. */
export function readCommandBindings(reader: ElementReader): PerProtocol<CommandBinding> {
  return perProtocol(reader, (binding) => ({
    address: binding.required("address"),
    value: wireValueOf(binding.optional("value") ?? "true"),
  }));
}

/** Where an argument travels, per protocol. */
export function readAddresses(reader: ElementReader): PerProtocol<string> {
  return perProtocol(reader, (binding) => binding.required("address"));
}

function perProtocol<T>(reader: ElementReader, read: (binding: ElementReader) => T): PerProtocol<T> {
  const bindings: Partial<Record<Protocol, T>> = {};
  for (const binding of reader.children("Binding")) {
    const protocol = binding.oneOf("protocol", protocols);
    if (bindings[protocol] !== undefined) binding.fail(`a second binding for ${protocol}: expected one`);
    bindings[protocol] = read(binding);
    binding.finish();
  }
  return bindings;
}

function wireValueOf(text: string): ParameterValue {
  if (text === "true" || text === "false") return text === "true";
  return numberOf(text) ?? text;
}
