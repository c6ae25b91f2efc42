import { createConnection, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { IClientOptions, MqttClient } from "mqtt";
import { streamBuilder } from "mqtt/lib/connect/ws";
import type { BrokerSettings, BrokerTls } from "./broker-session.ts";

/** A connection to the broker whose bytes come as they are read, into a buffer that is used again. */
export interface BrokerSocket {
  readonly duplex: Duplex;
  /** True when the bytes come through `onBytes`; otherwise as `data` of `duplex`. */
  readonly isDirect: boolean;
}

/** Takes the bytes of one read, valid during the call; false: read no more until `resume`. */
export type OnBytes = (bytes: Buffer) => boolean;

const readBufferBytes = 65_536;
const defaultPorts: Readonly<Record<string, number>> = { mqtt: 1883, tcp: 1883, mqtts: 8883, ssl: 8883, tls: 8883 };

/** Opens a TCP or TLS connection, or a WebSocket; throws for a URL or protocol that it does not know. */
export function openBrokerSocket(
  { url: text, tls }: Pick<BrokerSettings, "url" | "tls">,
  onBytes: OnBytes,
  client: MqttClient,
): BrokerSocket {
  const url = new URL(text);
  const protocol = url.protocol.slice(0, -1);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1") || "localhost";
  if (protocol === "ws" || protocol === "wss") {
    const path = `${url.pathname}${url.search}`;
    const port = Number(url.port) || (protocol === "ws" ? 80 : 443);
    const options: IClientOptions = { protocol, hostname: url.hostname, port, path, ...tlsOptionsOf(tls) };
    return { duplex: streamBuilder(client, options) as Duplex, isDirect: false };
  }
  const defaultPort = defaultPorts[protocol];
  if (defaultPort === undefined) {
    throw new Error(`${protocol}: is no protocol of a broker, expected mqtt, mqtts, ws or wss`);
  }
  const buffer = Buffer.allocUnsafeSlow(readBufferBytes);
  const onread = { buffer, callback: (length: number) => onBytes(buffer.subarray(0, length)) };
  const hasKeys = tls?.cert !== undefined && tls.key !== undefined;
  const isEncrypted = defaultPort === defaultPorts["mqtts"] || hasKeys;
  const port = Number(url.port) || (isEncrypted ? 8883 : defaultPort);
  const place = { host, port, onread };
  if (!isEncrypted) return { duplex: createConnection(place), isDirect: true };
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return { duplex: connectTls({ ...place, ...servername, ...tlsOptionsOf(tls) }), isDirect: true };
}

function tlsOptionsOf(tls: BrokerTls | undefined) {
  return {
    rejectUnauthorized: true,
    minVersion: tls?.minVersion ?? ("TLSv1.2" as const),
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
    ...(tls?.servername === undefined ? {} : { servername: tls.servername }),
  };
}
