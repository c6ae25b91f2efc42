import { BareServer } from "#bench/support/bare-server.ts";
import { connectBenchClient } from "#bench/support/bench-client.ts";
import { MeasuredServer } from "#bench/support/measured-server.ts";
import { watchParameters } from "#bench/support/watch-parameters.ts";
import { costRatio } from "./in-turn.ts";

const devices = 200;
const variables = 45;
const valuesPerS = 40_000;
const roundS = 2;

/** Processor time of the server for a notification against that of node-opcua's `setValueFromSource` nobody watches. */
export async function notifyRatio(): Promise<number> {
  await using server = await MeasuredServer.start(devices, variables);
  await using bare = await BareServer.start();
  const { client, session } = await connectBenchClient(server.port);
  let received = 0;
  await watchParameters(session, { devices, variables }, () => (received += 1));
  const ratio = await costRatio(
    5,
    async () => {
      const before = received;
      const { cpuPercent } = await server.run({ valuesPerS, devices, variables }, roundS);
      const delivered = received - before;
      // What was changed last is on its way.
      await server.run({ valuesPerS: 0, devices: 0, variables }, 0.3);
      return (cpuPercent * 10_000 * roundS) / delivered;
    },
    () => bare.setValuesUs(),
  );
  await client.disconnect();
  return ratio;
}
