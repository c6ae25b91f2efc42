import { parseArgs } from "node:util";
import { connectAsync, type MqttClient } from "mqtt";
import { controlTopic, replyTopic } from "#simulator/fleet/control-topic.ts";
import { fieldsOf, jsonBytes, jsonFields } from "#simulator/fleet/json-fields.ts";
import { ActionProblem } from "#simulator/fleet/members.ts";
import { parseAction } from "#simulator/fleet/parse-action.ts";
import { brokerUrl, number, password, UsageError } from "./options.ts";

const answerMs = 3_000;

const connectionOptions = {
  broker: { type: "string", default: "mqtt://127.0.0.1:1883" },
  username: { type: "string" },
  "password-env": { type: "string" },
} as const;

const faultOptions = {
  ...connectionOptions,
  amps: { type: "string" },
  metres: { type: "string" },
  seconds: { type: "string" },
} as const;

interface Connection {
  readonly broker: string;
  readonly username?: string | undefined;
  readonly "password-env"?: string | undefined;
}

/** `fault DEVICE KIND [--amps A] [--metres M] [--seconds S]`: true when the simulator that has the device did it. */
export async function tellFault(args: readonly string[]): Promise<boolean> {
  const { values, positionals } = parsed(() =>
    parseArgs({ args: [...args], options: faultOptions, allowPositionals: true }),
  );
  const [device, kind, ...more] = positionals;
  if (device === undefined || kind === undefined || more.length > 0)
    throw new UsageError("fault: expected DEVICE KIND");
  const figure = (name: "amps" | "metres" | "seconds") => {
    const text = values[name];
    return text === undefined ? {} : { [name]: number(`--${name}`, text, 0, 1e6) };
  };
  return send(device, { fault: kind, ...figure("amps"), ...figure("metres"), ...figure("seconds") }, values);
}

/** `tell DEVICE JSON`: any action that the control topic takes. */
export async function tellAction(args: readonly string[]): Promise<boolean> {
  const { values, positionals } = parsed(() =>
    parseArgs({ args: [...args], options: connectionOptions, allowPositionals: true }),
  );
  const [device, json, ...more] = positionals;
  if (device === undefined || json === undefined || more.length > 0) throw new UsageError("tell: expected DEVICE JSON");
  const fields = jsonFields(Buffer.from(json));
  if (fields === undefined) throw new UsageError(`tell: ${json} is not a JSON object`);
  return send(device, Object.fromEntries(fields), values);
}

async function send(device: string, action: object, connection: Connection): Promise<boolean> {
  check(action);
  const client = await open(connection);
  try {
    await client.subscribeAsync(`${replyTopic}/${device}`);
    const answer = answerFrom(client);
    await client.publishAsync(`${controlTopic}/${device}`, jsonBytes(action), { qos: 1 });
    const problem = await answer;
    process.stdout.write(problem === undefined ? `${device}: done\n` : `${device}: ${problem}\n`);
    return problem === undefined;
  } finally {
    await client.endAsync();
  }
}

/** Wrong actions are refused before anything is sent. */
function check(action: object): void {
  try {
    parseAction(fieldsOf(action) ?? new Map());
  } catch (error) {
    if (error instanceof ActionProblem) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

async function open({ broker, username, "password-env": variable }: Connection): Promise<MqttClient> {
  const secret = password(variable, process.env);
  const url = brokerUrl(broker);
  const user = username === undefined ? {} : { username, ...(secret === undefined ? {} : { password: secret }) };
  try {
    return await connectAsync(url, { ...user, connectTimeout: answerMs, reconnectPeriod: 0 }, false);
  } catch (error) {
    throw new UsageError(`no broker at ${url}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** What went wrong, undefined when nothing did. */
function answerFrom(client: MqttClient): Promise<string | undefined> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve("no simulator on this broker has this device"), answerMs);
    client.on("message", (_topic, payload) => {
      clearTimeout(late);
      const problem = jsonFields(payload)?.get("problem");
      resolve(typeof problem === "string" ? problem : undefined);
    });
  });
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
