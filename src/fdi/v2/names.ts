/** Names of parameters, commands and the like: they become parts of NodeIds and words of expressions. */
export const identifierPattern = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** `CurrentPhaseA` as people read it: `Current phase A`. */
export function labelOf(identifier: string): string {
  const words = identifier
    .replaceAll("_", " ")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .split(" ")
    .filter((word) => word !== "");
  return words.map((word, i) => (i > 0 && /^[A-Z][a-z]/.test(word) ? word.toLowerCase() : word)).join(" ");
}
