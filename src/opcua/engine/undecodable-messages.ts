import { MessageBuilder, StatusCodes } from "node-opcua";

/** The parts of node-opcua's MessageBuilder that are not in its public types (2.186.4). */
interface BuilderInternals {
  emit(event: string, ...args: unknown[]): boolean;
  _report_error(statusCode: unknown, message: string): boolean;
}

let installed = false;

/**
 * Closes a connection with BadDecodingError when a message cannot be decoded (an array that is longer than the message,
 * variants nested too deep). node-opcua drops such a message without a word and lets its sender wait for the answer.
 */
export function installUndecodableMessages(): void {
  if (installed) return;
  installed = true;
  const prototype = MessageBuilder.prototype as unknown as BuilderInternals;
  const { emit } = prototype;
  prototype.emit = function (event, ...args) {
    const heard = emit.call(this, event, ...args);
    if (event === "invalid_message") this._report_error(StatusCodes.BadDecodingError, "the message cannot be decoded");
    return heard;
  };
}
