import { ContentFormat } from "#transport/lwm2m/core/content-format.ts";
import { type ClientLinks, readLinks } from "#transport/lwm2m/core/link-format.ts";
import type { RegisterRequest, UpdateRequest } from "#transport/lwm2m/core/registrations.ts";
import { ResultCode } from "#transport/lwm2m/core/result-code.ts";
import type { OmaMessage } from "./message.ts";

export interface Refusal {
  readonly result: number;
  readonly detail: string;
}

const noLinks: ClientLinks = { rootPath: "", formats: [], links: [] };

/** What a Register message asks for, or why it cannot be granted. */
export function registerRequestOf(endpoint: string, message: OmaMessage): RegisterRequest | Refusal {
  const { version = "1.0" } = message;
  // The topic plays the endpoint name; a message that says another is not from there.
  if (message.endpoint !== undefined && message.endpoint !== endpoint) {
    return { result: ResultCode.badRequest, detail: `ep ${message.endpoint.slice(0, 60)} on the topic of ${endpoint}` };
  }
  if (!/^1\.[0-2]$/.test(version)) {
    return { result: ResultCode.preconditionFailed, detail: `LwM2M version ${version.slice(0, 20)}` };
  }
  const changes = updateRequestOf(message);
  if ("result" in changes) return changes;
  return {
    endpoint,
    version,
    lifetimeS: changes.lifetimeS,
    binding: changes.binding,
    // Queue mode has no key of its own in this binding: the letter Q says it.
    isQueueMode: false,
    links: changes.links ?? noLinks,
  };
}

/** What an Update message changes, or why it cannot be granted. */
export function updateRequestOf(message: OmaMessage): UpdateRequest | Refusal {
  const { lifetime, payload, format = ContentFormat.link, binding } = message;
  if (lifetime !== undefined && !(lifetime >= 0 && lifetime <= 0x7fff_ffff)) {
    return { result: ResultCode.badRequest, detail: `lifetime ${lifetime}` };
  }
  if (payload !== undefined && payload.length > 0 && format !== ContentFormat.link) {
    return { result: ResultCode.unsupportedContentFormat, detail: `links in content format ${format}` };
  }
  const links =
    payload === undefined || payload.length === 0 ? undefined : readLinks(Buffer.from(payload).toString("utf8"));
  if (links === undefined && payload !== undefined && payload.length > 0) {
    return { result: ResultCode.badRequest, detail: "links that cannot be read" };
  }
  return {
    ...(lifetime === undefined ? {} : { lifetimeS: lifetime }),
    ...(binding === undefined ? {} : { binding }),
    ...(links === undefined ? {} : { links }),
  };
}
