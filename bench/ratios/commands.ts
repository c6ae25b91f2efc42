import { freePort } from "#bench/support/free-port.ts";
import { breakerMethods, emptyMethod, SecuredClient, ServerProcess } from "#bench/support/secured-server.ts";
import { costRatio } from "./in-turn.ts";

const devices = 100;
const rounds = 60;
const callsPerRound = 12;

/**
 * Processor time of the host for a Trip or Close, with roles, interlocks, audit on disk and the breaker's answer, against that
 * of node-opcua alone for a method that does nothing; both in one thread, signed and encrypted both.
 */
export async function commandRatio(): Promise<number> {
  const limitPort = await freePort();
  await using server = await ServerProcess.start("loopback-host.ts", devices, limitPort);
  await using host = await SecuredClient.connect(server.port, "bench");
  await using empty = await SecuredClient.connect(limitPort, "anonymous");
  const { trip, close } = await breakerMethods(host.session);
  let called = 0;
  const command = (): Promise<number> => {
    const name = `CB-${String((Math.floor(called / 2) % devices) + 1).padStart(4, "0")}`;
    called += 1;
    return host.call([(called % 2 === 1 ? trip : close)(name)]);
  };
  const cost = async (call: () => Promise<number>): Promise<number> => {
    const before = await server.cpuMs("thread");
    for (let i = 0; i < callsPerRound; i += 1) await call();
    return (await server.cpuMs("thread")) - before;
  };
  const { ratio } = await costRatio(
    rounds,
    () => cost(command),
    () => cost(() => empty.call([emptyMethod])),
  );
  return ratio;
}
