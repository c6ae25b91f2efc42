import type { ScadaClient } from "../../support/opcua-client.ts";

/** Sends a service request of a session as it is and gives the response, or the ServiceFault as an error. */
export function rawRequest<T>(client: ScadaClient, request: object): Promise<T> {
  const session = client.session as unknown as { performMessageTransaction(request: object): Promise<T> };
  return session.performMessageTransaction(request);
}

/** The name of the StatusCode that a request fails with. */
export async function faultOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "Good";
  } catch (error) {
    return /Bad\w+/.exec(String(error))?.[0] ?? String(error);
  }
}
