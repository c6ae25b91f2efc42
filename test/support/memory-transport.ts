import type { Device } from "#fleet/device.ts";
import type { DeviceTransport, OutgoingWrite, TransportHealth, Uplink } from "#fleet/ports.ts";
import type { OutgoingCommand } from "#model/command.ts";

/** A transport without a wire: keeps what it was told to send, and can be told to fail. */
export class MemoryTransport implements DeviceTransport {
  readonly protocol = "sparkplug";
  readonly sent: { readonly device: Device; readonly command: OutgoingCommand }[] = [];
  /** What `send` does after the command was noted, e.g. let the device answer. */
  onSend: (device: Device, command: OutgoingCommand) => void = () => {};
  readonly written: { readonly device: Device; readonly write: OutgoingWrite }[] = [];
  /** What `write` does after the new value was noted. */
  onWrite: (device: Device, write: OutgoingWrite) => void = () => {};
  /** Addresses whose device was to introduce itself again. */
  readonly readmitted: string[] = [];
  uplink: Uplink | undefined;
  connected = true;

  async start(uplink: Uplink): Promise<void> {
    this.uplink = uplink;
  }

  async send(device: Device, command: OutgoingCommand): Promise<void> {
    this.sent.push({ device, command });
    this.onSend(device, command);
  }

  async write(device: Device, write: OutgoingWrite): Promise<void> {
    this.written.push({ device, write });
    this.onWrite(device, write);
  }

  readmit(address: string): void {
    this.readmitted.push(address);
  }

  health(): TransportHealth {
    return { connected: this.connected, detail: "in memory" };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
