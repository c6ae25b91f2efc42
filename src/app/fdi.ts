import { runFdiCli } from "#fdi/cli/run-cli.ts";
import { runCertificatesCommand } from "./access/certificates-command.ts";
import { runUserCommand } from "./access/user-command.ts";
import { runAuditCommand } from "./audit/audit-command.ts";
import { runMqttCommand } from "./broker/mqtt-command.ts";

const [name, ...rest] = process.argv.slice(2);
const io = {
  out: (text: string): void => void process.stdout.write(text),
  err: (text: string): void => void process.stderr.write(text),
  now: (): number => Date.now(),
  env: process.env,
};

if (name === "doctor") {
  // The OPC UA stack takes most of a second to load: the other commands do without it.
  const { runDoctorCommand } = await import("#opcua/doctor/doctor-command.ts");
  process.exitCode = await runDoctorCommand(rest, io);
} else if (name === "audit") {
  process.exitCode = await runAuditCommand(rest, io);
} else if (name === "backup" || name === "restore" || name === "export") {
  const { runHistoryCommand } = await import("./history/history-command.ts");
  const { err, env } = io;
  process.exitCode = await runHistoryCommand(name, rest, {
    out: process.stdout,
    err,
    env,
    workingFolder: process.cwd(),
  });
} else if (name === "user") {
  process.exitCode = await runUserCommand(rest, io);
} else if (name === "mqtt") {
  process.exitCode = await runMqttCommand(rest, io);
} else if (name === "certificates") {
  process.exitCode = await runCertificatesCommand(rest, io);
} else {
  process.exitCode = await runFdiCli(name === undefined ? [] : [name, ...rest], io);
}
