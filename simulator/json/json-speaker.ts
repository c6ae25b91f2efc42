import { AddCause, type ControlResult } from "#simulator/breaker/add-cause.ts";
import type { Will } from "#simulator/fleet/broker-link.ts";
import { jsonBytes, jsonFields } from "#simulator/fleet/json-fields.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import type { Speaker, SpeakerContext } from "#simulator/fleet/speaker.ts";
import type { Random } from "#simulator/random.ts";
import { BurstRhythm } from "./burst-rhythm.ts";
import { runJsonCommand } from "./json-command.ts";
import { identificationOf, measurementsOf, settingsOf } from "./telemetry.ts";
import { TrendWindow } from "./trend-window.ts";

/** A breaker that speaks JSON on `iot/{id}/...`: telemetry, aggregated trends, status; answers on `iot/{id}/reply`. */
export class JsonSpeaker implements Speaker {
  readonly protocol = "json";
  readonly name: string;
  readonly devices: readonly SimulatedDevice[];
  readonly subscriptions: readonly string[];
  readonly #device: SimulatedDevice;
  readonly #context: SpeakerContext;
  readonly #rhythm: BurstRhythm;
  readonly #trends = new TrendWindow();
  readonly #startedMs: number;
  #messages = 0;
  #toldSettings = "";
  #lastTelemetryMs: number | null = null;

  constructor(device: SimulatedDevice, random: Random, context: SpeakerContext) {
    this.#device = device;
    this.#context = context;
    this.#rhythm = new BurstRhythm(random);
    this.#startedMs = context.wallMs();
    this.name = device.id;
    this.devices = [device];
    this.subscriptions = [`iot/${device.id}/command`, `iot/${device.id}/config`];
  }

  will(): Will {
    return { topic: this.#topic("status"), payload: this.#status(false), retain: true };
  }

  farewell(): Will {
    return this.will();
  }

  connected(): void {
    if (this.#device.isLost) return;
    this.#toldSettings = "";
    this.#sendStatus();
    this.reportAll();
  }

  message(topic: string, payload: Uint8Array): void {
    if (this.#device.isSilent || this.#device.isLost) return;
    const fields = jsonFields(payload);
    if (fields === undefined) return;
    const isConfig = topic.endsWith("/config");
    const result = runJsonCommand(this.#device, isConfig ? new Map([["command", "set_parameter"], ...fields]) : fields);
    const replyTo = fields.get("reply_to");
    const topicOfReply = typeof replyTo === "string" && isPlainTopic(replyTo) ? replyTo : this.#topic("reply");
    this.#send(topicOfReply, this.#reply(fields, result));
    this.#context.commanded(this.#device);
  }

  reportChanges(): void {
    this.reportAll();
  }

  reportDue(): number {
    if (this.#device.isLost) return this.#context.periodMs;
    const { sends, waitMs } = this.#rhythm.next();
    for (const kind of sends) {
      if (kind === "raw") this.reportAll();
      else if (kind === "trends") this.#sendTrends();
      else this.#sendStatus();
    }
    // The rhythm is that of a period of one second; other periods stretch it.
    return (waitMs * this.#context.periodMs) / 1000;
  }

  reportAll(): void {
    if (this.#device.isLost) return;
    const measurements = { ...measurementsOf(this.#device), ...this.#news() };
    this.#messages += 1;
    this.#lastTelemetryMs = this.#device.epochMs();
    this.#send(this.#topic("raw"), this.#message("telemetry", { measurements }));
  }

  observe(): void {
    this.#trends.add(this.#device.breaker);
  }

  setLost(_device: SimulatedDevice, isLost: boolean): void {
    if (!isLost) this.connected();
  }

  #sendTrends(): void {
    const trends = this.#trends.close(this.#device.epochMs());
    this.#send(this.#topic("trends"), this.#message("trends", { trends }));
  }

  #sendStatus(): void {
    this.#send(this.#topic("status"), this.#status(true), true);
  }

  /** Settings and nameplate travel in the first message and whenever a setting changed. */
  #news(): object {
    const settings = settingsOf(this.#device.breaker);
    const text = Object.values(settings).join();
    if (text === this.#toldSettings) return {};
    this.#toldSettings = text;
    return { settings, identification: identificationOf(this.#device.breaker) };
  }

  #status(online: boolean): Buffer {
    const { firmwareVersion, hardwareRevision } = this.#device.breaker.nameplate;
    return this.#message("status", {
      status: {
        online,
        last_telemetry: this.#lastTelemetryMs === null ? null : this.#lastTelemetryMs / 1000,
        message_count: this.#messages,
        uptime_hours: Math.round((this.#context.wallMs() - this.#startedMs) / 36_000) / 100,
        firmware_version: firmwareVersion,
        hardware_revision: hardwareRevision,
      },
    });
  }

  #reply(fields: ReadonlyMap<string, unknown>, { addCause, reason }: ControlResult): Buffer {
    const { breaker } = this.#device;
    const isDiagnostics = fields.get("command") === "get_diagnostics";
    return this.#message("reply", {
      correlation_id: fields.get("correlation_id"),
      command: fields.get("command"),
      parameter: fields.get("parameter"),
      accepted: addCause === AddCause.accepted,
      result: addCause,
      reason,
      ...(isDiagnostics ? { settings: settingsOf(breaker), tests: breaker.tests.report } : {}),
    });
  }

  #message(type: string, content: object): Buffer {
    return jsonBytes({
      device_id: this.#device.id,
      device_type: this.#device.breaker.frame.declaredType,
      timestamp: new Date(this.#device.epochMs()).toISOString(),
      event_type: type,
      ...content,
    });
  }

  #send(topic: string, payload: Buffer, retain = false): void {
    this.#context.send({ topic, payload, qos: 1, retain }, this.#device);
  }

  #topic(kind: string): string {
    return `iot/${this.#device.id}/${kind}`;
  }
}

/** No wildcard and nothing that belongs to the broker. */
function isPlainTopic(topic: string): boolean {
  return topic !== "" && !/[+#$]/.test(topic);
}
