/** The name of a structure's data type, for structures whose classes node-opcua does not export (2.186.4). */
export function schemaNameOf(structure: unknown): string | undefined {
  if (typeof structure !== "object" || structure === null || !("schema" in structure)) return undefined;
  const { schema } = structure;
  if (typeof schema !== "object" || schema === null || !("name" in schema)) return undefined;
  return typeof schema.name === "string" ? schema.name : undefined;
}
