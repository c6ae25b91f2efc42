import type { Device } from "#fleet/device.ts";
import type { DeviceTransport, TransportHealth, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { OutgoingCommand } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import type { BrokerSettings, OpenSession } from "#transport/shared/broker-session.ts";
import { SparkplugType } from "#transport/sparkplug/codec/data-type.ts";
import type { Metric } from "#transport/sparkplug/codec/payload.ts";
import { type DecoderLimits, defaultLimits } from "#transport/sparkplug/codec/payload-decoder.ts";
import { PayloadEncoder } from "#transport/sparkplug/codec/payload-encoder.ts";
import { CommandAnswers } from "./command-answers.ts";
import { commandMetrics } from "./command-payload.ts";
import type { EdgeDevice } from "./edge-node.ts";
import { type EdgeNodeLimits, EdgeNodes } from "./edge-nodes.ts";
import { HostSession, type SessionReader } from "./host-session.ts";
import { commandIdMetric, lastIdMetric } from "./points.ts";
import { defaultRebirthPolicy, type RebirthPolicy, RebirthRequests } from "./rebirth-requests.ts";
import { deviceCommandTopic, nodeCommandTopic, uplinkFilters } from "./topic.ts";

export interface SparkplugTransportOptions {
  /** The Sparkplug host id, unique in the infrastructure. */
  readonly hostId: string;
  /** One session each; an edge node may be behind any of them. */
  readonly brokers: readonly BrokerSettings[];
  /** Sparkplug groups to read; default all. */
  readonly groups?: readonly string[] | undefined;
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

interface Running {
  readonly nodes: EdgeNodes;
  readonly rebirths: RebirthRequests;
  readonly sessions: readonly HostSession[];
}

/** A Sparkplug B host application: edge nodes and their devices over one or more MQTT brokers. */
export class SparkplugTransport implements DeviceTransport {
  readonly protocol = "sparkplug";
  readonly #options: SparkplugTransportOptions;
  readonly #encoder = new PayloadEncoder();
  readonly #answers: CommandAnswers;
  #running: Running | undefined;

  constructor(options: SparkplugTransportOptions) {
    this.#options = options;
    this.#answers = new CommandAnswers(options.clock.now());
  }

  start(uplink: Uplink): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#assemble(uplink);
      for (const session of this.#running.sessions) session.start();
    }
    return Promise.resolve();
  }

  /**
   * Publishes the command as DCMD (NCMD for an edge node's own record). Where the BIRTH lists `Command/Id` and
   * `Command/LastId` the command carries an id, and the device's answer is reported to `Uplink.acknowledged`.
   */
  async send(device: Device, command: OutgoingCommand, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new HostError("cancelled", `${command.spec.name} of ${device.id} was cancelled`);
    const target = this.#running?.nodes.device(device.address);
    if (target === undefined)
      throw new HostError("command-not-sent", `${device.id}: no BIRTH of ${device.address} seen`);
    const timestamp = this.#options.clock.now();
    const metrics = commandMetrics(target, command, timestamp);
    if (target.points.has(commandIdMetric) && target.points.has(lastIdMetric)) {
      metrics.push(this.#commandId(target, command, timestamp));
    }
    const { node, name } = target;
    const topic =
      name === "" ? nodeCommandTopic(node.group, node.name) : deviceCommandTopic(node.group, node.name, name);
    await node.session.publish({ topic, payload: this.#encode(metrics, timestamp), qos: 0, retain: false });
  }

  health(): TransportHealth {
    const sessions = this.#running?.sessions ?? [];
    return {
      connected: sessions.length > 0 && sessions.every((session) => session.isUp),
      detail: sessions.length === 0 ? "Sparkplug: not started" : sessions.map((session) => session.detail).join("; "),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.rebirths[Symbol.dispose]();
    await Promise.all(running.sessions.map((session) => session.stop()));
    for (const session of running.sessions) running.nodes.sessionLost(session, "the host is stopping");
    running.nodes[Symbol.dispose]();
  }

  #assemble(uplink: Uplink): Running {
    const { clock, random, log, reorderTimeoutMs = 2000, birthGraceMs = 10_000, rebirth, limits } = this.#options;
    const policy = { ...defaultRebirthPolicy, ...rebirth };
    const rebirths = new RebirthRequests({ policy, clock, random, send: (nodeKey) => this.#requestRebirth(nodeKey) });
    const nodes = new EdgeNodes({
      uplink,
      clock,
      rebirths,
      answers: this.#answers,
      reorderTimeoutMs,
      birthGraceMs,
      limits: { maxEdgeNodes: 20_000, maxDevicesPerNode: 10_000, ...limits },
      decoderLimits: { ...defaultLimits, ...limits },
    });
    const reader: SessionReader = {
      message: (session, topic, payload) => nodes.message(session, topic, payload),
      up: (session) => nodes.sessionUp(session, random),
      lost: (session, cause) => nodes.sessionLost(session, cause),
      foreignHost: (session, timestamp) => {
        log.error({ timestamp }, `another host application uses host id ${this.#options.hostId}: ${session.detail}`);
      },
    };
    return { nodes, rebirths, sessions: this.#options.brokers.map((settings) => this.#session(settings, reader)) };
  }

  #session(settings: BrokerSettings, reader: SessionReader): HostSession {
    const { hostId, groups = ["+"], clock, random, log, open } = this.#options;
    return new HostSession({
      hostId,
      settings,
      filters: groups.flatMap(uplinkFilters),
      reader,
      clock,
      random,
      log,
      open,
    });
  }

  #commandId(target: EdgeDevice, command: OutgoingCommand, timestamp: number): Metric {
    const id = this.#answers.expect(target.address, command.correlationId);
    return { name: commandIdMetric, timestamp, datatype: SparkplugType.Int64, value: id };
  }

  #encode(metrics: readonly Metric[], timestamp: number): Uint8Array {
    return this.#encoder.encode({ timestamp, metrics });
  }

  #requestRebirth(nodeKey: string): void {
    const node = this.#running?.nodes.node(nodeKey);
    if (node === undefined) return;
    const { clock, log } = this.#options;
    const timestamp = clock.now();
    const metric = { name: "Node Control/Rebirth", timestamp, datatype: SparkplugType.Boolean, value: true };
    const payload = this.#encode([metric], timestamp);
    const topic = nodeCommandTopic(node.group, node.name);
    log.debug({ edgeNode: nodeKey }, "rebirth requested");
    node.session.publish({ topic, payload, qos: 0, retain: false }).catch((error: unknown) => {
      log.debug({ edgeNode: nodeKey, err: error }, "rebirth request was not sent");
    });
  }
}
