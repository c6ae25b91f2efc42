import { parseArgs } from "node:util";
import { type SignaturePolicy, signaturePolicies } from "#fdi/container/signature-policy.ts";
import { HostError, messageOf } from "#model/errors.ts";

/** Arguments of one call of the package tool, after the name of the command. */
export interface CliArguments {
  readonly files: readonly string[];
  readonly json: boolean;
  readonly help: boolean;
  readonly repair: boolean;
  readonly failOnBreaking: boolean;
  readonly output: string | undefined;
  readonly key: string | undefined;
  readonly certificate: string | undefined;
  readonly trust: string | undefined;
  readonly policy: SignaturePolicy | undefined;
  readonly document: string | undefined;
  readonly data: string | undefined;
}

/** The caller's mistake, as opposed to a package's: the tool ends with 2. */
export class UsageError extends HostError {
  constructor(message: string, options?: ErrorOptions) {
    super("argument-invalid", message, options);
  }
}

/** Reads arguments; throws UsageError for what is not known. */
export function readArguments(args: readonly string[]): CliArguments {
  const { values, positionals } = parsed(args);
  const policy = signaturePolicies.find((candidate) => candidate === values.policy);
  if (values.policy !== undefined && policy === undefined) {
    throw new UsageError(`--policy ${values.policy}: expected ${signaturePolicies.join(", ")}`);
  }
  return {
    files: positionals,
    json: values.json,
    help: values.help,
    repair: values.repair,
    failOnBreaking: values["fail-on-breaking"],
    output: values.output,
    key: values.key,
    certificate: values.cert,
    trust: values.trust,
    policy,
    document: values.document,
    data: values.data,
  };
}

function parsed(args: readonly string[]): ReturnType<typeof parse> {
  try {
    return parse(args);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the type is what the options say
function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      repair: { type: "boolean", default: false },
      "fail-on-breaking": { type: "boolean", default: false },
      output: { type: "string", short: "o" },
      key: { type: "string" },
      cert: { type: "string" },
      trust: { type: "string" },
      policy: { type: "string" },
      document: { type: "string" },
      data: { type: "string" },
    },
  });
}
