import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "#bench/support/free-port.ts";
import { Child } from "./child.ts";

export interface LoadShape {
  readonly devices: number;
  /** One of the feeds, e.g. `sparkplug`. */
  readonly protocol: string;
  readonly history: "history" | "no-history";
}

/** The whole host with its broker and a fleet that it knows, each in a process of its own. */
export class HostUnderLoad implements AsyncDisposable {
  readonly broker: Child;
  readonly host: Child;
  readonly feeder: Child;
  readonly brokerPort: number;
  readonly opcuaPort: number;
  readonly httpPort: number;

  private constructor(children: readonly [Child, Child, Child], ports: readonly [number, number, number]) {
    [this.broker, this.host, this.feeder] = children;
    [this.brokerPort, this.opcuaPort, this.httpPort] = ports;
  }

  /** Resolves when the host knows every device. Throws when it does not within a minute. */
  static async start({ devices, protocol, history }: LoadShape): Promise<HostUnderLoad> {
    const [brokerPort, opcuaPort, httpPort] = [await freePort(), await freePort(), await freePort()];
    const broker = await Child.start("broker-process.ts", [brokerPort]);
    const host = await Child.start("host-process.ts", [brokerPort, history, devices, opcuaPort, httpPort]);
    const feeder = await Child.start("feeder-process.ts", [brokerPort, protocol, devices]);
    const all = new HostUnderLoad([broker, host, feeder], [brokerPort, opcuaPort, httpPort]);
    await feeder.ask({ introduce: 1 });
    const end = performance.now() + 60_000;
    for (;;) {
      const { devices: known = 0 } = await host.ask({});
      if (known === devices) return all;
      if (performance.now() > end) throw new Error(`the host knows ${known} of ${devices} devices`);
      await sleep(100);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of [this.feeder, this.host, this.broker]) await child.stop();
  }
}
