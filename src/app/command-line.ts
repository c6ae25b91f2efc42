import { parseArgs } from "node:util";
import { HostError, messageOf } from "#model/errors.ts";

export interface CommandLine {
  readonly config: string | undefined;
  readonly demo: boolean | undefined;
  readonly insecure: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

export const helpText = `fdi-host: an OPC UA server that hosts a fleet of smart circuit breakers

  npm start                          demo: 12 simulated breakers, everything on 127.0.0.1
  npm start -- --no-demo             the same host without the simulated breakers
  npm start -- --config host.yaml    a real host; the demo is off unless the file turns it on

Options
  --config FILE    YAML configuration; every key is described in docs/configuration.md
  --demo           start simulated breakers also with a configuration file
  --no-demo        do not start simulated breakers
  --insecure       also offer OPC UA without security, and let anybody look; for tests on a closed network
  --version        print the version
  --help           print this

Environment (wins over the file)
  FDI_HOST_DATA           data folder (default ./data)
  FDI_HOST_OPCUA_PORT     OPC UA port (default 4840)
  FDI_HOST_HTTP_PORT      HTTP port (default 8080)
  FDI_HOST_MQTT_PORT      port of the embedded broker (default 1883)
  FDI_HOST_MQTT_URL       use this broker instead of the embedded one
  FDI_HOST_DATABASE_URL   use this PostgreSQL or TimescaleDB instead of the embedded store
`;

/** Reads the arguments of the program. Throws `config-invalid` naming the argument that is not known. */
export function readCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        config: { type: "string" },
        demo: { type: "boolean" },
        insecure: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", default: false },
      },
    });
    return {
      config: values.config,
      demo: values.demo,
      insecure: values.insecure,
      help: values.help,
      version: values.version,
    };
  } catch (error) {
    throw new HostError("config-invalid", `${messageOf(error)}; see npm start -- --help`, { cause: error });
  }
}
