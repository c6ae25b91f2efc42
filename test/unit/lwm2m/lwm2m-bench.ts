import type { OnboardingPolicy } from "#fleet/onboarding/onboarding-policy.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { Lwm2mTransport, type Lwm2mTransportOptions } from "#transport/lwm2m/lwm2m-transport.ts";
import { ownLink } from "#transport/shared/broker-link.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { TransportFleet } from "../../support/transport-fleet.ts";
import { wirePackage } from "../../support/wire-package.ts";
import { MemoryBroker, settle } from "../transport-shared/memory-broker.ts";
import { recordingLog } from "../transport-shared/silent-log.ts";

export const by = { user: "anna", roles: ["administrator" as const], origin: "test" };

export interface Lwm2mBenchOptions extends Partial<Lwm2mTransportOptions> {
  readonly policy?: OnboardingPolicy;
}

/** An LwM2M transport on a broker in memory, reporting to a real fleet. */
export class Lwm2mBench {
  readonly clock = new FakeClock();
  readonly broker = new MemoryBroker();
  readonly fleet: TransportFleet;
  readonly transport: Lwm2mTransport;

  private constructor(packages: readonly DevicePackage[], { policy, ...options }: Lwm2mBenchOptions) {
    const { clock, broker } = this;
    this.fleet = new TransportFleet({ packages, clock, ...(policy === undefined ? {} : { policy }) });
    const log = recordingLog();
    this.transport = new Lwm2mTransport({
      connect: ownLink({
        settings: { url: "mqtt://broker:1883", clientId: "host" },
        clock,
        random: () => 0,
        log,
        open: broker.open,
      }),
      clock,
      random: () => 0,
      log,
      ...options,
    });
  }

  static async open(
    packages: readonly DevicePackage[] = [wirePackage],
    options: Lwm2mBenchOptions = {},
  ): Promise<Lwm2mBench> {
    const bench = new Lwm2mBench(packages, options);
    bench.fleet.transports.push(bench.transport);
    await bench.transport.start(bench.fleet.ingest);
    await settle();
    return bench;
  }

  deliver(topic: string, payload: Uint8Array): void {
    this.broker.deliver(topic, payload, { retain: false, dup: false, qos: 1 });
  }

  execute(command: string, inputs: readonly (string | undefined)[] = [undefined]) {
    return this.fleet.control.commands.execute({ device: this.fleet.device("CB-1"), command, inputs, by });
  }

  write(parameter: string, value: number) {
    return this.fleet.control.writes.write({ device: this.fleet.device("CB-1"), parameter, value, by });
  }

  /** What the host published, oldest first. */
  get published(): { topic: string; payload: Buffer }[] {
    return this.broker.sessions.flatMap(({ published }) =>
      published.map(({ topic, payload }) => ({ topic, payload: Buffer.from(payload) })),
    );
  }

  /** Messages in, accepted, rejected: must balance. */
  get balance(): number[] {
    const { messages, accepted, rejectedTotal } = this.fleet.traffic;
    return [messages, accepted, rejectedTotal];
  }
}
