import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Value } from "typebox/value";
import { isNode, LineCounter, parseDocument, type Node as YamlNode } from "yaml";
import { HostError, messageOf } from "#model/errors.ts";
import { checkAddresses } from "./check-addresses.ts";
import { checkSecurity } from "./check-security.ts";
import { problemsOf } from "./explain.ts";
import { decideConfig, type HostConfig } from "./host-config.ts";
import { type ConfigFile, configSchema } from "./schema.ts";

export interface LoadOptions {
  /** Path of a YAML file; undefined starts with defaults. */
  readonly file: string | undefined;
  readonly demo: boolean | undefined;
  /** `--insecure`. */
  readonly insecure?: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly workingFolder: string;
}

/**
 * Reads and checks the configuration. Throws `config-invalid` with one line per problem: file:line, the value found and
 * what is allowed.
 */
export async function loadConfig(options: LoadOptions): Promise<HostConfig> {
  const config = await readConfig(options);
  checkAddresses(config);
  checkSecurity(config);
  return config;
}

async function readConfig(options: LoadOptions): Promise<HostConfig> {
  checkPorts(options.env);
  if (options.file === undefined) {
    return decideConfig({}, options.env, {
      demo: options.demo,
      insecure: options.insecure === true,
      folder: options.workingFolder,
      hasFile: false,
    });
  }
  const path = resolve(options.workingFolder, options.file);
  const file = parseConfig(await readText(path, options.file), options.file);
  return decideConfig(file, options.env, {
    demo: options.demo,
    insecure: options.insecure === true,
    folder: dirname(path),
    hasFile: true,
  });
}

async function readText(path: string, shown: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new HostError("config-invalid", `${shown} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Checks a YAML text against the schema; `name` is shown in messages. */
export function parseConfig(text: string, name: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  if (document.errors.length > 0) {
    const found = document.errors.map((error) => `${name}:${lineOf(error.pos[0])}: ${error.message}`);
    throw new HostError("config-invalid", found.join("\n"));
  }
  const value: unknown = document.toJS() ?? {};
  const problems = problemsOf(value).map((problem) => {
    const node = nodeAt(document.contents, document, problem.path);
    const line = node?.range === undefined || node.range === null ? 1 : lineOf(node.range[0]);
    return `${name}:${line}: ${problem.sentence}`;
  });
  if (problems.length > 0) throw new HostError("config-invalid", problems.join("\n"));
  return Value.Parse(configSchema, value);
}

interface HasPath {
  getIn(path: readonly string[], keepScalar: true): unknown;
}

/** The YAML node at `path`, or the nearest one above it. */
function nodeAt(contents: unknown, document: HasPath, path: readonly string[]): YamlNode | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node;
  }
  return isNode(contents) ? contents : undefined;
}

function checkPorts(env: NodeJS.ProcessEnv): void {
  for (const name of ["FDI_HOST_OPCUA_PORT", "FDI_HOST_HTTP_PORT", "FDI_HOST_MQTT_PORT"]) {
    const text = env[name];
    if (text === undefined) continue;
    const port = Number(text);
    if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65535) {
      throw new HostError(
        "config-invalid",
        `${name} is ${JSON.stringify(text)}; expected a whole number from 0 to 65535`,
      );
    }
  }
}
