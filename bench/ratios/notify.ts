import { connectBenchClient } from "#bench/support/bench-client.ts";
import { MeasuredServer } from "#bench/support/measured-server.ts";
import { watchParameters } from "#bench/support/watch-parameters.ts";
import { costRatio } from "./in-turn.ts";

const devices = 200;
const variables = 45;
const valuesPerS = 30_000;
const rounds = 24;
const roundS = 0.5;

/**
 * Processor time of the server for a changed value that a client watches against that of node-opcua's `setValueFromSource` on
 * a variable that nobody watches, in the same process.
 */
export async function notifyRatio(): Promise<number> {
  await using server = await MeasuredServer.start(devices, variables);
  const { client, session } = await connectBenchClient(server.port);
  let received = 0;
  await watchParameters(session, { devices, variables }, () => (received += 1));
  const { ratio } = await costRatio(
    rounds,
    async () => {
      const { cpuUs, values } = await server.run({ valuesPerS, devices, variables }, roundS);
      return cpuUs / values;
    },
    () => server.limitUs(),
  );
  await client.disconnect();
  // Values that change again before they are sent are told once.
  if (received < 1_000) throw new Error(`${received} notifications came`);
  return ratio;
}
