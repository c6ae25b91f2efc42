import { breakerMethods, emptyMethod, SecuredServer } from "#bench/support/secured-server.ts";
import { costRatio } from "./in-turn.ts";

const devices = 100;
const calls = 80;

/**
 * Processor time of the host for a Trip or Close, with roles, interlocks, audit on disk and the breaker's answer, against that
 * of node-opcua alone for a method that does nothing; signed and encrypted both.
 */
export async function commandRatio(): Promise<number> {
  await using host = await SecuredServer.start("host", devices);
  await using empty = await SecuredServer.start("empty");
  const { trip, close } = await breakerMethods(host.session);
  const cost = async (server: SecuredServer, call: (i: number) => Promise<unknown>): Promise<number> => {
    const before = await server.cpuMs();
    for (let i = 0; i < calls; i += 1) await call(i);
    return ((await server.cpuMs()) - before) / calls;
  };
  const name = (i: number): string => `CB-${String((Math.floor(i / 2) % devices) + 1).padStart(4, "0")}`;
  return await costRatio(
    7,
    () => cost(host, (i) => host.call([(i % 2 === 0 ? trip : close)(name(i))])),
    () => cost(empty, () => empty.call([emptyMethod])),
  );
}
