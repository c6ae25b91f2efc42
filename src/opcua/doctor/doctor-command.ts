import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setErrorLogger, setWarningLogger } from "node-opcua";
import { HostError, messageOf } from "#model/errors.ts";
import { doctorJson, doctorText } from "./doctor-report.ts";
import { type DoctorOptions, runDoctor } from "./run-doctor.ts";

export const doctorHelp = `fdi doctor: examines the address space of a running OPC UA server

  npm run fdi -- doctor opc.tcp://localhost:4840 [options]

  --user NAME            log in (signed and encrypted); without, anonymous and without security
  --password-file FILE   its first line is the password
  --devices N            look at the first N devices only
  --json                 print the report as JSON
  --pki FOLDER           where the doctor keeps its own certificate (default: pki/doctor in the data folder)

Exit code: 0 no errors found, 1 errors found, 2 it could not be run.
`;

export interface CommandStreams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The command `fdi doctor`: reads its arguments, runs the doctor, prints the report; returns the exit code. */
export async function runDoctorCommand(args: readonly string[], streams: CommandStreams): Promise<number> {
  try {
    const command = await readCommand(args, streams.env);
    if (command === undefined) {
      streams.out(doctorHelp);
      return 0;
    }
    // node-opcua would mix its own words into the report.
    setWarningLogger(() => {});
    setErrorLogger(() => {});
    const report = await runDoctor(command.options);
    streams.out(command.asJson ? doctorJson(report) : doctorText(report));
    return report.errors > 0 ? 1 : 0;
  } catch (error) {
    streams.err(`${HostError.from(error)?.message ?? messageOf(error)}\n`);
    return 2;
  }
}

async function readCommand(
  args: readonly string[],
  env: CommandStreams["env"],
): Promise<{ readonly options: DoctorOptions; readonly asJson: boolean } | undefined> {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [endpointUrl] = positionals;
  if (endpointUrl?.startsWith("opc.tcp://") !== true || positionals.length !== 1) {
    throw new HostError("argument-invalid", "expected one address opc.tcp://HOST:PORT; see fdi doctor --help");
  }
  const login = await loginOf(values.user, values["password-file"]);
  const maxDevices = countOf(values.devices);
  const pkiFolder = values.pki ?? join(env["FDI_HOST_DATA"] ?? "data", "pki", "doctor");
  return {
    options: {
      endpointUrl,
      pkiFolder,
      ...(login === undefined ? {} : { login }),
      ...(maxDevices === undefined ? {} : { maxDevices }),
    },
    asJson: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        user: { type: "string" },
        "password-file": { type: "string" },
        devices: { type: "string" },
        json: { type: "boolean", default: false },
        pki: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new HostError("argument-invalid", `${messageOf(error)}; see fdi doctor --help`, { cause: error });
  }
}

async function loginOf(user: string | undefined, file: string | undefined): Promise<DoctorOptions["login"]> {
  if (user === undefined && file === undefined) return undefined;
  if (user === undefined || file === undefined) {
    throw new HostError("argument-invalid", "--user and --password-file go together");
  }
  try {
    const [password = ""] = (await readFile(file, "utf8")).split(/\r?\n/);
    return { user, password };
  } catch (error) {
    throw new HostError("argument-invalid", `--password-file ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new HostError("argument-invalid", `--devices ${text}: expected a whole number, 0 or more`);
}
