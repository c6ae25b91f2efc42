import type { OutgoingWrite, Uplink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import { AddCause, type AddCauseCode } from "#model/add-cause.ts";
import type { OutgoingCommand } from "#model/command.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError } from "#model/errors.ts";
import type { ParameterSpec, PointBinding } from "#model/parameter-spec.ts";
import { lwm2mCommandOf } from "#transport/lwm2m/command-binding.ts";
import { ContentFormat, encodeContent } from "#transport/lwm2m/core/content-format.ts";
import { pathOf } from "#transport/lwm2m/core/path.ts";
import type { DecodeContext, ResourceValue } from "#transport/lwm2m/core/resource-node.ts";
import { isSuccess, ResultCode, resultText } from "#transport/lwm2m/core/result-code.ts";
import { type OmaMessage, Operation } from "./message.ts";
import type { OmaClient } from "./oma-client.ts";
import type { OmaWire } from "./oma-wire.ts";

export interface OmaControlParts {
  readonly wire: OmaWire;
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly typeOf: (client: OmaClient) => DecodeContext["typeOf"];
  /** Asks the client for the value at a path and reports it. */
  readonly readBack: (client: OmaClient, path: string) => void;
}

/** A state that nobody reported by then after an accepted command is asked for. */
const readBackMs = 150;

/** Formats for writing a value, in the order in which they are tried. */
const writeFormats: readonly number[] = [
  ContentFormat.senmlCbor,
  ContentFormat.senmlJson,
  ContentFormat.tlv,
  ContentFormat.text,
];

const addCauses: ReadonlyMap<number, AddCauseCode> = new Map<number, AddCauseCode>([
  [ResultCode.unauthorized, AddCause.noAccessAuthority],
  [ResultCode.forbidden, AddCause.blockedByMode],
  [ResultCode.notFound, AddCause.notSupported],
  [ResultCode.methodNotAllowed, AddCause.notSupported],
  [ResultCode.conflict, AddCause.blockedByInterlocking],
  [ResultCode.badRequest, AddCause.inconsistentParameters],
  [ResultCode.notImplemented, AddCause.notSupported],
  [ResultCode.serviceUnavailable, AddCause.blockedByHealth],
]);

/** Commands and parameter writes to clients: Execute and Write, answered by their result. */
export class OmaControl {
  readonly #parts: OmaControlParts;

  constructor(parts: OmaControlParts) {
    this.#parts = parts;
  }

  /** Executes the resource that the command is bound to; resolves when it has left. Throws `command-not-sent`. */
  async execute(client: OmaClient, command: OutgoingCommand, signal: AbortSignal): Promise<void> {
    const { spec, correlationId } = command;
    const path = lwm2mCommandOf(spec)?.path;
    if (path === undefined) throw notSent(client, `${spec.name} is bound to no LwM2M resource`);
    const text = executeArguments(command);
    const request: OmaMessage = {
      operation: Operation.execute,
      uri: path,
      ...(text === "" ? {} : { payload: Buffer.from(text), format: ContentFormat.text }),
    };
    const { confirm } = spec;
    const proof = confirm.by === "state" ? client.record?.package.parameterByName.get(confirm.parameter) : undefined;
    await this.#dispatch(client, signal, async () => {
      const { answer } = await this.#parts.wire.request(client, request, spec.name);
      return async () => {
        const isAccepted = this.#acknowledge(client, correlationId, await answer);
        if (isAccepted) this.#readBackSoon(client, proof, signal);
      };
    });
  }

  /** Replaces the value of the resource that the parameter is bound to; resolves when it has left. Throws `command-not-sent`. */
  async write(client: OmaClient, write: OutgoingWrite, signal: AbortSignal): Promise<void> {
    const { parameter, value, correlationId } = write;
    const binding = parameter.bindings.lwm2m;
    const path = binding === undefined ? undefined : pathOf(binding.address);
    if (binding === undefined || path === undefined) throw notSent(client, `${parameter.name} is bound to no resource`);
    const node = { path, value: wireValueOf(value, binding) };
    const ask = (format: number): Promise<{ readonly answer: Promise<OmaMessage> }> => {
      const payload = encodeContent(format, [node], this.#parts.typeOf(client));
      const request = { operation: Operation.writeReplace, uri: binding.address, format, payload };
      return this.#parts.wire.request(client, request, `write ${parameter.name}`);
    };
    await this.#dispatch(client, signal, async () => {
      const { answer } = await ask(client.writeFormat);
      return async () => {
        const result = await this.#retried(client, await answer, ask);
        const isAccepted = this.#acknowledge(client, correlationId, result);
        if (isAccepted) this.#readBackSoon(client, parameter, signal);
      };
    });
  }

  /** A client that does not know the format says 4.15: the next one is tried, and remembered for the next time. */
  async #retried(
    client: OmaClient,
    first: OmaMessage,
    ask: (format: number) => Promise<{ readonly answer: Promise<OmaMessage> }>,
  ): Promise<OmaMessage> {
    let answer = first;
    for (const format of writeFormats) {
      const { result } = answer;
      if (result !== ResultCode.unsupportedContentFormat && result !== ResultCode.notAcceptable) break;
      if (format === client.writeFormat) continue;
      answer = await (await ask(format)).answer;
      if (isSuccess(answer.result ?? 0)) client.writeFormat = format;
    }
    return answer;
  }

  /** Resolves when the request has left; `send` gives what is to be done about the answer. */
  async #dispatch(client: OmaClient, signal: AbortSignal, send: () => Promise<() => Promise<void>>): Promise<void> {
    const left = Promise.withResolvers<void>();
    const whole = client.downlink.run(async () => {
      const finish = await send();
      left.resolve();
      await finish();
    }, signal);
    // Before it has left, a failure is the caller's; afterwards no answer is no news.
    whole.catch(left.reject);
    await left.promise;
  }

  #acknowledge(client: OmaClient, correlationId: string, answer: OmaMessage): boolean {
    const { uplink, clock } = this.#parts;
    const result = answer.result ?? ResultCode.internalServerError;
    const accepted = isSuccess(result);
    if (client.record === undefined) return accepted;
    const addCause = addCauses.get(result);
    uplink.acknowledged(client.record, {
      correlationId,
      accepted,
      reason: accepted ? undefined : reasonOf(answer, result),
      at: clock.now(),
      ...(accepted || addCause === undefined ? {} : { addCause }),
    });
    return accepted;
  }

  #readBackSoon(client: OmaClient, spec: ParameterSpec | undefined, signal: AbortSignal): void {
    const address = spec?.bindings.lwm2m?.address;
    if (address === undefined) return;
    this.#parts.clock.after(readBackMs, () => {
      if (!signal.aborted) this.#parts.readBack(client, address);
    });
  }
}

/** `0='by hand',1='5'` (OMA Core 1.2, 6.3.5); characters that the syntax has no room for are left out. */
export function executeArguments({ inputs }: Pick<OutgoingCommand, "inputs">): string {
  return inputs
    .flatMap((value, i) => (value === undefined ? [] : [`${i}='${String(value).replaceAll(/['\\\p{Cc}]/gu, "")}'`]))
    .join(",");
}

function wireValueOf(value: ParameterValue, { scale, offset }: PointBinding): ResourceValue {
  return typeof value === "number" ? (value - offset) / scale : value;
}

function reasonOf({ payload, format }: OmaMessage, result: number): string {
  const isText = payload !== undefined && payload.length > 0 && (format ?? ContentFormat.text) === ContentFormat.text;
  return isText ? `${resultText(result)}: ${Buffer.from(payload).toString("utf8").slice(0, 120)}` : resultText(result);
}

function notSent(client: OmaClient, reason: string): HostError {
  return new HostError("command-not-sent", `${client.endpoint}: ${reason}`);
}
