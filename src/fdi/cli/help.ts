interface CommandHelp {
  readonly usage: string;
  readonly purpose: string;
  readonly options: readonly (readonly [option: string, meaning: string])[];
}

const json = ["--json", "the result as JSON"] as const;
const repair = ["--repair", "take a < that a space follows for text (a known defect of old files)"] as const;
const policy = [
  "--policy P",
  "require: only trusted signatures; warn: say so and go on, but refuse what was altered; off: do not look",
] as const;
const trust = [
  "--trust DIR",
  "trust list: certificates in DIR/trusted and DIR/rejected (default: trust in the data folder)",
] as const;
const data = ["--data DIR", "data folder of the host (default: FDI_HOST_DATA, else ./data)"] as const;
const output = ["-o, --output FILE", "where to write"] as const;
const identity = [
  ["--key FILE", "private key of the signer (PEM)"],
  ["--cert FILE", "its certificate, then those of the authorities above it (PEM)"],
] as const;

const commands: Readonly<Record<string, CommandHelp>> = {
  inspect: {
    usage: "inspect FILE",
    purpose: "shows what is in a package (.fdi of any dialect, .fdix)",
    options: [json, policy, trust, repair],
  },
  verify: {
    usage: "verify FILE ...",
    purpose: "says whether packages are valid and trusted; ends with 1 when one is not (policy require)",
    options: [json, policy, trust, repair],
  },
  pack: {
    usage: "pack FILE.fdi [-o FILE.fdix]",
    purpose: "packs a description and the documents that it names into a container, signed when a key is given",
    options: [output, ...identity, json, repair],
  },
  sign: {
    usage: "sign FILE --key KEY --cert CERTIFICATES [-o FILE]",
    purpose: "signs a container or a bare description; a signature that it has is replaced",
    options: [output, ...identity, json],
  },
  upgrade: {
    usage: "upgrade FILE [-o FILE]",
    purpose: "writes a package of an old dialect in dialect v2 and lists what had to be decided",
    options: [output, json, repair],
  },
  diff: {
    usage: "diff OLD NEW",
    purpose: "lists what was added, removed and changed, and what of it may break clients",
    options: [["--fail-on-breaking", "end with 1 when something may break"], json, policy, trust],
  },
  schema: {
    usage: "schema FILE [--document FILE]",
    purpose: "prints the JSON Schema of a telemetry document, or checks a document against it",
    options: [
      ["--document FILE", "a telemetry document to check; ends with 1 when it does not keep the schema"],
      json,
      policy,
      trust,
    ],
  },
  import: {
    usage: "import FILE",
    purpose: "takes a package into the catalogue of a host (policy require); a running host sees it",
    options: [data, policy, trust, json, repair],
  },
  list: { usage: "list", purpose: "lists the catalogue", options: [data, json] },
  activate: {
    usage: "activate ID@REVISION",
    purpose: "makes a revision the one that new devices get",
    options: [data, policy, trust, json],
  },
  retire: { usage: "retire ID@REVISION", purpose: "takes a revision out of use", options: [data, json] },
};

function aligned(rows: readonly (readonly [string, string])[], width: number): string {
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

const overview: readonly (readonly [string, string])[] = [
  ...Object.values(commands).map(({ usage, purpose }) => [usage, purpose] as const),
  ["doctor opc.tcp://HOST:PORT", "examines the address space of a running server"],
  ["user list|add|passwd|role|remove ...", "who may log in"],
  ["certificates list|trust|reject|remove|add ...", "which OPC UA clients may connect"],
  ["mqtt add|passwd|list|remove NAME", "which devices may log in at the embedded broker"],
  ["audit verify", "checks that the audit is complete and as it was written"],
];

/** Help for the tool as a whole. */
export const toolHelp = `npm run fdi -- COMMAND [options]: the tool for FDI device packages and the servers that host them

${aligned(overview, 50)}

Each command has --help. Exit code: 0 done, 1 the package was refused, 2 called wrongly.
`;

/** Help for one command. */
export function commandHelp(name: string): string {
  const command = commands[name];
  if (command === undefined) return toolHelp;
  return `npm run fdi -- ${command.usage}\n\n${command.purpose}\n\n${aligned(command.options, 18)}\n`;
}
