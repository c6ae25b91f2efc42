import { Type } from "typebox";

const strict = { additionalProperties: false };
const optionalText = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));
const profile = (description: string) =>
  Type.Union([Type.Literal("sparkplug-3.0"), Type.Literal("sparkplug-2.2"), Type.Literal("legacy-flat")], {
    description,
  });

/** How a broker is reached and as whom; the same keys wherever a broker is configured. */
export const brokerKeys = {
  username: optionalText("User name at the broker"),
  passwordFile: optionalText("File whose first line is the password at the broker"),
  caFile: optionalText("PEM file of the authority that signed the broker's certificate"),
  certFile: optionalText("PEM file of our client certificate"),
  keyFile: optionalText("PEM file of our client key"),
};

/** The section `sparkplug` of the configuration file. */
export const sparkplugSchema = Type.Object(
  {
    hostId: optionalText("Sparkplug host id, unique in the infrastructure. Default fdi-host"),
    groups: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { description: "Group ids to follow. Default: all", minItems: 1 }),
    ),
    profile: Type.Optional(profile("Dialect of edge nodes that no rule below names. Default sparkplug-3.0")),
    profiles: Type.Optional(
      Type.Array(
        Type.Object(
          {
            match: Type.String({
              minLength: 1,
              description: "Group, or group/edge node; * stands for any characters",
            }),
            profile: profile("Their dialect"),
          },
          strict,
        ),
        { description: "Dialects; the first rule that fits counts" },
      ),
    ),
    strict: Type.Optional(
      Type.Boolean({ description: "Commands by alias and without datatypes, to the letter. Default false" }),
    ),
    reorderTimeoutMs: whole(0, 600_000, "How long a missing message is waited for. Default 2000; 0: not at all"),
    birthGraceMs: whole(0, 600_000, "How long devices may take to be born again after their edge node. Default 10000"),
    rebirth: Type.Optional(
      Type.Object(
        {
          debounceMs: whole(0, 600_000, "Least time between two requests to an edge node. Default 5000"),
          maxBackoffMs: whole(0, 86_400_000, "What that time grows to while nothing comes. Default 600000"),
          perSecond: whole(1, 100_000, "Requests per second over all edge nodes. Default 200"),
          burst: whole(1, 100_000, "Requests that may go out at once. Default 100"),
        },
        strict,
      ),
    ),
    brokers: Type.Optional(
      Type.Array(
        Type.Object(
          {
            url: Type.String({ minLength: 1, description: "Broker, e.g. mqtts://east.example:8883" }),
            ...brokerKeys,
          },
          strict,
        ),
        { description: "Brokers of the edge nodes, besides that of `mqtt`" },
      ),
    ),
  },
  strict,
);
