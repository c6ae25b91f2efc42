import type { ScadaClient } from "../../support/opcua-client.ts";

export const diUri = "http://opcfoundation.org/UA/DI/";
export const breakerUri = "urn:fdi-host:types:breaker";

/** Namespace indices by URI, as this server numbers them. */
export async function indexOf(client: ScadaClient, uri: string): Promise<number> {
  const index = (await client.session.readNamespaceArray()).indexOf(uri);
  if (index < 0) throw new Error(`the server does not know the namespace ${uri}`);
  return index;
}
