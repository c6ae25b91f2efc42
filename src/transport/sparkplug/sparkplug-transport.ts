import type { Device } from "#fleet/device.ts";
import type { DeviceTransport, OutgoingWrite, TransportHealth, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { OutgoingCommand } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import type { BrokerSettings, OpenSession } from "#transport/shared/broker-session.ts";
import { SparkplugType } from "#transport/sparkplug/codec/data-type.ts";
import type { Metric } from "#transport/sparkplug/codec/payload.ts";
import type { DecoderLimits } from "#transport/sparkplug/codec/payload-decoder.ts";
import { PayloadEncoder } from "#transport/sparkplug/codec/payload-encoder.ts";
import { CommandAnswers } from "./command-answers.ts";
import { type CommandStyle, commandIdOf, commandMetrics, echoesIds, writeMetrics } from "./command-payload.ts";
import type { EdgeDevice } from "./edge-node.ts";
import type { EdgeNodeLimits } from "./edge-nodes.ts";
import { isJsonCommand, jsonCommandMessage } from "./flat-command.ts";
import { GroupProfiles, type GroupProfilesOptions } from "./group-profiles.ts";
import { HostApplication } from "./host-application.ts";
import { HostSession } from "./host-session.ts";
import { defaultRebirthPolicy, type RebirthPolicy, RebirthRequests } from "./rebirth-requests.ts";
import { TextState } from "./text-state.ts";
import { deviceCommandTopic, nodeCommandTopic } from "./topic.ts";

export interface SparkplugTransportOptions extends GroupProfilesOptions {
  /** The Sparkplug host id, unique in the infrastructure. */
  readonly hostId: string;
  /** One session each; an edge node may be behind any of them. */
  readonly brokers: readonly BrokerSettings[];
  /** True: commands to the letter of the specification, by alias where there is one and without datatypes. */
  readonly strict?: boolean | undefined;
  /** How long a message missing from the sequence is waited for. Default 2,000 ms; 0: not at all. */
  readonly reorderTimeoutMs?: number | undefined;
  /** How long the devices of a new NBIRTH may take to be born again. Default 10,000 ms. */
  readonly birthGraceMs?: number | undefined;
  readonly rebirth?: Partial<RebirthPolicy> | undefined;
  readonly limits?: Partial<EdgeNodeLimits & DecoderLimits> | undefined;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** How sessions are opened; default mqtt.js. */
  readonly open?: OpenSession | undefined;
}

/** What the transport counts of itself. */
export interface SparkplugStatistics {
  readonly edgeNodes: number;
  readonly flatDevices: number;
  /** Sequences that broke for good, broker losses included. */
  readonly sequenceBreaks: number;
  /** Sequence numbers skipped by devices whose sequence is not relied on. */
  readonly flatSequenceGaps: number;
  readonly rebirthsRequested: number;
}

interface Running {
  readonly application: HostApplication;
  readonly rebirths: RebirthRequests;
  readonly sessions: readonly HostSession[];
  readonly textStates: readonly TextState[];
}

/** A Sparkplug B host application: edge nodes and their devices over one or more MQTT brokers. */
export class SparkplugTransport implements DeviceTransport {
  readonly protocol = "sparkplug";
  readonly #options: SparkplugTransportOptions;
  readonly #groupProfiles: GroupProfiles;
  readonly #encoder = new PayloadEncoder();
  readonly #answers: CommandAnswers;
  #running: Running | undefined;
  #rebirthsRequested = 0;

  constructor(options: SparkplugTransportOptions) {
    this.#options = options;
    this.#groupProfiles = new GroupProfiles(options);
    this.#answers = new CommandAnswers(options.clock.now());
  }

  start(uplink: Uplink): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#assemble(uplink);
      for (const session of this.#running.sessions) session.start();
      for (const state of this.#running.textStates) state.start();
    }
    return Promise.resolve();
  }

  /**
   * Publishes the command as DCMD (NCMD for an edge node's own record). Where the BIRTH lists `Command/Id` and
   * `Command/LastId` the command carries an id, and the device's answer is reported to `Uplink.acknowledged`.
   */
  async send(device: Device, command: OutgoingCommand, signal: AbortSignal): Promise<void> {
    const target = this.#targetOf(device, command.spec.name, signal);
    if (isJsonCommand(command.spec)) {
      await target.node.session.publish(jsonCommandMessage(target, command, this.#options.clock.now()));
      return;
    }
    await this.#command(target, command.correlationId, (style) => commandMetrics(target, command, style));
  }

  /** Publishes a parameter's new value as DCMD, in the device's unit; an id goes along as with commands. */
  async write(device: Device, write: OutgoingWrite, signal: AbortSignal): Promise<void> {
    const target = this.#targetOf(device, write.parameter.name, signal);
    await this.#command(target, write.correlationId, (style) => writeMetrics(target, write, style));
  }

  readmit(address: string): void {
    this.#running?.application.readmit(address);
  }

  health(): TransportHealth {
    const sessions = this.#running?.sessions ?? [];
    const nextAttempts = sessions.flatMap(({ nextAttemptAt }) => nextAttemptAt ?? []);
    return {
      connected: sessions.length > 0 && sessions.every((session) => session.isUp),
      detail: sessions.length === 0 ? "Sparkplug: not started" : sessions.map((session) => session.detail).join("; "),
      ...(nextAttempts.length === 0 ? {} : { nextAttemptAt: Math.min(...nextAttempts) }),
    };
  }

  statistics(): SparkplugStatistics {
    const application = this.#running?.application;
    return {
      edgeNodes: application?.edgeNodes.size ?? 0,
      flatDevices: application?.flatDevices.size ?? 0,
      sequenceBreaks: application?.edgeNodes.sequenceBreaks ?? 0,
      flatSequenceGaps: application?.flatDevices.sequenceGaps ?? 0,
      rebirthsRequested: this.#rebirthsRequested,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.rebirths[Symbol.dispose]();
    await Promise.all([...running.sessions, ...running.textStates].map((part) => part.stop()));
    for (const session of running.sessions) running.application.lost(session, "the host is stopping");
    running.application[Symbol.dispose]();
  }

  #assemble(uplink: Uplink): Running {
    const { hostId, brokers, clock, random, log, open, rebirth } = this.#options;
    const policy = { ...defaultRebirthPolicy, ...rebirth };
    const rebirths = new RebirthRequests({ policy, clock, random, send: (nodeKey) => this.#requestRebirth(nodeKey) });
    const application = new HostApplication({
      hostId,
      uplink,
      clock,
      random,
      log,
      rebirths,
      groupProfiles: this.#groupProfiles,
      answers: this.#answers,
      reorderTimeoutMs: this.#options.reorderTimeoutMs ?? 2000,
      birthGraceMs: this.#options.birthGraceMs ?? 10_000,
      limits: this.#options.limits ?? {},
    });
    const { filters, hasTextState } = this.#groupProfiles;
    const common = { clock, random, log, open };
    return {
      application,
      rebirths,
      sessions: brokers.map(
        (settings) => new HostSession({ ...common, hostId, settings, filters, reader: application }),
      ),
      textStates: hasTextState ? brokers.map((settings) => new TextState(hostId, { ...common, settings })) : [],
    };
  }

  #targetOf(device: Device, what: string, signal: AbortSignal): EdgeDevice {
    if (signal.aborted) throw new HostError("cancelled", `${what} of ${device.id} was cancelled`);
    const target = this.#running?.application.device(device.address);
    if (target !== undefined) return target;
    throw new HostError("command-not-sent", `${device.id}: no BIRTH of ${device.address} was seen`);
  }

  async #command(target: EdgeDevice, correlationId: string, compose: (style: CommandStyle) => Metric[]): Promise<void> {
    const style = { isStrict: this.#options.strict ?? false, timestamp: this.#options.clock.now() };
    const metrics = compose(style);
    if (echoesIds(target)) {
      const id = this.#answers.expect(target.address, correlationId);
      metrics.push(commandIdOf(target, id, style));
    }
    const { node, name } = target;
    const topic =
      name === "" ? nodeCommandTopic(node.group, node.name) : deviceCommandTopic(node.group, node.name, name);
    await this.#publish(node.session, topic, metrics, style.timestamp);
  }

  // Always by name: whoever lost the births does not know the alias. An edge node not heard of yet may be behind any broker.
  #requestRebirth(nodeKey: string): void {
    const running = this.#running;
    const [group = "", edgeNode = ""] = nodeKey.split("/");
    const node = running?.application.edgeNodes.node(nodeKey);
    if (node !== undefined) node.unansweredRebirths += 1;
    const sessions = node === undefined ? (running?.sessions.filter(({ isUp }) => isUp) ?? []) : [node.session];
    const { clock, log } = this.#options;
    const timestamp = clock.now();
    const metric = { name: "Node Control/Rebirth", timestamp, datatype: SparkplugType.Boolean, value: true };
    this.#rebirthsRequested += 1;
    log.debug({ edgeNode: nodeKey }, "rebirth requested");
    for (const session of sessions) {
      this.#publish(session, nodeCommandTopic(group, edgeNode), [metric], timestamp).catch((error: unknown) => {
        log.debug({ edgeNode: nodeKey, err: error }, "rebirth request was not sent");
      });
    }
  }

  /** Commands go out with QoS 0, not retained and without a sequence number (sections 6.4.24 and 6.4.25). */
  async #publish(session: HostSession, topic: string, metrics: readonly Metric[], timestamp: number): Promise<void> {
    const payload = this.#encoder.encode({ timestamp, metrics }, this.#options.strict !== true);
    await session.publish({ topic, payload, qos: 0, retain: false });
  }
}
