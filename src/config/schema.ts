import { type Static, type TObject, Type } from "typebox";
import { brokerKeys, sparkplugSchema } from "./sparkplug-schema.ts";

const port = (description: string, value: number) =>
  Type.Integer({ minimum: 0, maximum: 65535, default: value, description });
const count = (description: string, maximum: number) => Type.Integer({ minimum: 0, maximum, description });
const optionalText = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));
const days = (description: string) => Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500, description }));
const section = <T extends TObject>(schema: T) => Type.Optional(schema);
const strict = { additionalProperties: false };

/** The whole configuration file: type, validator and documentation in one. Unknown keys are errors. */
export const configSchema = Type.Object(
  {
    data: Type.Optional(
      Type.String({
        minLength: 1,
        description: "Folder for certificates, devices, history and logs (FDI_HOST_DATA). Default ./data",
      }),
    ),
    security: section(
      Type.Object(
        {
          level: Type.Optional(
            Type.Union([Type.Literal("standard"), Type.Literal("enhanced"), Type.Literal("critical")], {
              description: "How strict the host is: standard (default), enhanced or critical",
            }),
          ),
        },
        strict,
      ),
    ),
    opcua: section(
      Type.Object(
        {
          port: Type.Optional(port("OPC UA port (FDI_HOST_OPCUA_PORT). Default 4840", 4840)),
          host: optionalText("Address to listen on. Default: all interfaces; 127.0.0.1 in demo mode"),
          applicationUri: optionalText("Application URI of the server. Default urn:<host name>:fdi-host"),
          users: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  name: Type.String({ minLength: 1, description: "User name" }),
                  passwordFile: Type.String({ minLength: 1, description: "File whose first line is the password" }),
                  role: Type.Union(
                    [
                      Type.Literal("viewer"),
                      Type.Literal("operator"),
                      Type.Literal("maintenance"),
                      Type.Literal("administrator"),
                    ],
                    { description: "What the user may do" },
                  ),
                },
                strict,
              ),
              { description: "Users that may log in over OPC UA" },
            ),
          ),
        },
        strict,
      ),
    ),
    http: section(
      Type.Object(
        {
          port: Type.Optional(port("HTTP port (FDI_HOST_HTTP_PORT). Default 8080", 8080)),
          host: optionalText("Address to listen on. Default 127.0.0.1"),
          certFile: optionalText("PEM file of the server's certificate, with those between it and the authority"),
          keyFile: optionalText("PEM file of the certificate's key"),
          corsOrigins: Type.Optional(
            Type.Array(Type.String({ minLength: 1, pattern: "^https?://[^/]+$" }), {
              description: "Origins of web pages that may use the API, e.g. https://scada.example. Default: none",
            }),
          ),
          trustProxy: Type.Optional(
            Type.Boolean({
              description: "Take a client's address from X-Forwarded-For: only behind a proxy. Default false",
            }),
          ),
          requestsPerMinute: Type.Optional(
            Type.Integer({
              minimum: 10,
              maximum: 1_000_000,
              description: "Per user, or per address without a login. Default 3000",
            }),
          ),
        },
        strict,
      ),
    ),
    mqtt: section(
      Type.Object(
        {
          url: optionalText("Broker, e.g. mqtts://broker:8883 (FDI_HOST_MQTT_URL). Default: an embedded broker"),
          port: Type.Optional(port("Port of the embedded broker (FDI_HOST_MQTT_PORT). Default 1883", 1883)),
          host: optionalText("Address the embedded broker listens on. Default 127.0.0.1"),
          ...brokerKeys,
        },
        strict,
      ),
    ),
    sparkplug: section(sparkplugSchema),
    json: section(
      Type.Object(
        {
          deviceRegistry: optionalText("device-registry.json: device types of JSON devices without a package"),
        },
        strict,
      ),
    ),
    ownership: Type.Optional(
      Type.Array(
        Type.Object(
          {
            devices: Type.String({ minLength: 1, description: "Names of devices; * stands for any characters" }),
            owner: Type.Optional(
              Type.Union([Type.Literal("sparkplug"), Type.Literal("json"), Type.Literal("lwm2m")], {
                description: "The protocol whose word counts. Default: the one that the device speaks first",
              }),
            ),
            mirrorTo: Type.Optional(
              Type.Array(Type.Literal("json"), {
                description: "Protocols over which the values are published besides",
              }),
            ),
          },
          strict,
        ),
        { description: "Devices that may be reached over two protocols; the first rule that fits a name counts" },
      ),
    ),
    presence: section(
      Type.Object(
        {
          offlineAfterMinutes: Type.Optional(
            Type.Number({
              minimum: 0.1,
              maximum: 100_000,
              description: "A silent device counts as offline after this time. Default 15",
            }),
          ),
          retiredAfterDays: Type.Optional(
            Type.Number({
              minimum: 0.001,
              maximum: 10_000,
              description: "An offline device counts as retired after this time. Default 30",
            }),
          ),
        },
        strict,
      ),
    ),
    onboarding: section(
      Type.Object(
        {
          policy: Type.Optional(
            Type.Union([Type.Literal("auto"), Type.Literal("matching"), Type.Literal("manual")], {
              description:
                "What becomes of a new device: taken in (auto), taken in when a package fits (matching), or not without an operator (manual). Default matching; auto in the demo",
            }),
          ),
          maxDevices: Type.Optional(count("Devices in all. Default 20000", 1_000_000)),
          maxPending: Type.Optional(count("Devices that wait for an operator. Default 500", 10_000)),
          maxPointsPerDevice: Type.Optional(
            count("Points that are shown of one device beyond its package. Default 200", 10_000),
          ),
          maxPoints: Type.Optional(count("Points that are shown beyond packages in all. Default 100000", 10_000_000)),
        },
        strict,
      ),
    ),
    database: section(
      Type.Object(
        {
          urlFile: optionalText(
            "File whose first line is a PostgreSQL or TimescaleDB URL (or FDI_HOST_DATABASE_URL). Default: the embedded store",
          ),
        },
        strict,
      ),
    ),
    history: section(
      Type.Object(
        {
          keepValuesDays: days("Stored values older than this are removed. Default: all are kept"),
          keepMinutesDays: days("Summaries per minute older than this are removed. Default: all are kept"),
          keepHoursDays: days("Summaries per hour and day older than this are removed. Default: all are kept"),
          keepEventsDays: days("Alarms and events older than this are removed. Default: all are kept"),
          journalMaxMiB: Type.Optional(
            Type.Integer({ minimum: 64, description: "Size of the journal before the store. Default 4096" }),
          ),
          journalMinFreeMiB: Type.Optional(
            Type.Integer({ minimum: 16, description: "Free disk that the journal leaves. Default 256" }),
          ),
          journalWhenFull: Type.Optional(
            Type.Union([Type.Literal("block"), Type.Literal("drop-oldest")], {
              description: "Take nothing more, or forget the oldest values. Default block",
            }),
          ),
        },
        strict,
      ),
    ),
    packages: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: "Folders with device packages, besides those that come with the host",
      }),
    ),
    alarms: section(
      Type.Object(
        {
          rules: Type.Optional(
            Type.Array(Type.String({ minLength: 1 }), {
              description: "JSON files with alarm rules; those whose name is not there yet are added",
            }),
          ),
          publish: Type.Optional(
            Type.Object(
              {
                enabled: Type.Optional(Type.Boolean({ description: "Publish alarms over MQTT. Default true" })),
                topic: optionalText("MQTT topic of alarms. Default iot.alarms"),
              },
              strict,
            ),
          ),
          webhooks: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  url: Type.String({
                    pattern: "^https?://[^/@\\s]+(/\\S*)?$",
                    description: "Where alarms are posted to; without a password in it",
                  }),
                  secretFile: optionalText("File whose first line is the secret that signs each post"),
                  minSeverity: Type.Optional(
                    Type.Integer({
                      minimum: 1,
                      maximum: 1000,
                      description: "Least severity that is posted. Default 1",
                    }),
                  ),
                },
                strict,
              ),
              { description: "Receivers of alarms over HTTP", maxItems: 20 },
            ),
          ),
        },
        strict,
      ),
    ),
    demo: section(
      Type.Object(
        {
          enabled: Type.Optional(
            Type.Boolean({ description: "Start simulated breakers. Default: only without a config file" }),
          ),
          devices: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 1000, description: "How many breakers. Default 12" }),
          ),
        },
        strict,
      ),
    ),
    log: section(
      Type.Object(
        {
          level: Type.Optional(
            Type.Union(
              ["trace", "debug", "info", "warn", "error", "silent"].map((level) => Type.Literal(level)),
              { description: "Least level shown. Default warn at a terminal, info with format json" },
            ),
          ),
          format: Type.Optional(
            Type.Union([Type.Literal("text"), Type.Literal("json")], { description: "Default text" }),
          ),
        },
        strict,
      ),
    ),
  },
  strict,
);

/** The configuration file as written: every field optional. */
export type ConfigFile = Static<typeof configSchema>;
