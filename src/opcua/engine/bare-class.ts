import { InternalError } from "#model/errors.ts";

/**
 * A class whose instances are what `sample` is, made without the constructor of its class: what all of them have in common
 * sits on the prototype, and only `own` (set by the derived class) takes room in each. Throws InternalError when `sample`
 * keeps an object outside `own` and `shared`: that would be state of one instance, and sharing it would mix them up.
 */
export function bareClassOf(
  sample: object,
  own: readonly PropertyKey[],
  shared: Readonly<Record<PropertyKey, unknown>> = {},
): new () => object {
  const prototype = Object.create(Object.getPrototypeOf(sample) as object) as object;
  for (const key of Reflect.ownKeys(sample)) {
    if (own.includes(key)) continue;
    const value: unknown = key in shared ? shared[key] : Reflect.get(sample, key);
    if (!(key in shared) && typeof value === "object" && value !== null) {
      throw new InternalError(`node-opcua keeps an object in ${String(key)} of each instance`);
    }
    Object.defineProperty(prototype, key, { value, writable: true, configurable: true, enumerable: true });
  }
  // oxlint-disable-next-line typescript/no-extraneous-class -- its prototype is what it is for
  class Bare {}
  Object.setPrototypeOf(Bare.prototype, prototype);
  return Bare;
}
