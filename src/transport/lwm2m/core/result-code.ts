/** CoAP response codes as the MQTT binding writes them: class x 100 + detail. */
export const ResultCode = {
  created: 201,
  deleted: 202,
  changed: 204,
  content: 205,
  badRequest: 400,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  methodNotAllowed: 405,
  notAcceptable: 406,
  conflict: 409,
  preconditionFailed: 412,
  requestEntityTooLarge: 413,
  unsupportedContentFormat: 415,
  internalServerError: 500,
  notImplemented: 501,
  serviceUnavailable: 503,
} as const;

const names: ReadonlyMap<number, string> = new Map([
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [402, "Bad Option"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [409, "Conflict"],
  [412, "Precondition Failed"],
  [413, "Request Entity Too Large"],
  [415, "Unsupported Content-Format"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [503, "Service Unavailable"],
]);

export function isSuccess(code: number): boolean {
  return code >= 200 && code < 300;
}

/** `4.05 Method Not Allowed`. */
export function resultText(code: number): string {
  const number = `${Math.floor(code / 100)}.${String(code % 100).padStart(2, "0")}`;
  const name = names.get(code);
  return name === undefined ? number : `${number} ${name}`;
}
