import { join } from "node:path";
import { MessageSecurityMode, type OPCUAServerOptions, SecurityPolicy } from "node-opcua";
import { certificateStore } from "./engine/certificate-store.ts";
import { transportSettings } from "./engine/transport-limits.ts";

export interface OpcUaOptions {
  readonly port: number;
  /** Undefined: all interfaces. */
  readonly host: string | undefined;
  readonly applicationUri: string;
  readonly version: string;
  readonly pkiFolder: string;
  /** NodeSets that a user dropped in: loaded after ours. Need not exist. */
  readonly nodesetFolder: string;
  /** Also offers SecurityPolicy None, anonymous sessions (read only) and accepts unknown client certificates. */
  readonly allowInsecure: boolean;
  /** Default true: also Basic256Sha256, whose encryption pads with SHA-1. */
  readonly offersBasic256Sha256?: boolean;
}

/** 100 clients with 10,000 monitored items each, and as many sessions again for tools; published in ServerCapabilities. */
export const serverLimits = {
  maxSessions: 200,
  maxConnections: 220,
  maxSubscriptions: 1_000,
  maxSubscriptionsPerSession: 50,
  maxMonitoredItems: 1_000_000,
  maxMonitoredItemsPerSubscription: 100_000,
  maxMonitoredItemsPerCall: 10_000,
  maxNodesPerCall: 10_000,
  maxMethodCalls: 1_000,
  maxHistoryNodes: 1_000,
  maxBrowseContinuationPoints: 100,
  /** The shortest publishing interval that a client can have: whoever asks for less gets this. */
  minPublishingMs: 20,
} as const;

/** What decides who gets in, and hears of who did not. */
export interface ServerGates {
  readonly userManager: NonNullable<OPCUAServerOptions["userManager"]>;
  readonly onRefusedClient: (certificate: Buffer, status: string) => void;
}

/** node-opcua's options for a server of ours; everything that a default could weaken is said. */
export function serverOptionsOf(
  options: OpcUaOptions,
  { userManager, onRefusedClient }: ServerGates,
  files: readonly string[],
): OPCUAServerOptions {
  const { allowInsecure, host } = options;
  const folder = (name: string): string => join(options.pkiFolder, name);
  return {
    port: options.port,
    ...(host === undefined ? {} : { host, hostname: host }),
    nodeset_filename: [...files],
    serverInfo: {
      applicationUri: options.applicationUri,
      productUri: "urn:fdi-host",
      applicationName: { text: "fdi-host" },
    },
    buildInfo: { productName: "fdi-host", softwareVersion: options.version, manufacturerName: "fdi-host project" },
    serverCertificateManager: certificateStore({
      folder: folder("server"),
      passesUnknown: allowInsecure,
      onRefused: onRefusedClient,
    }),
    // A certificate lets a user in when the user directory knows it, whoever signed it.
    userCertificateManager: certificateStore({ folder: folder("users"), passesUnknown: true }),
    securityPolicies: [
      ...(options.offersBasic256Sha256 === false ? [] : [SecurityPolicy.Basic256Sha256]),
      SecurityPolicy.Aes128_Sha256_RsaOaep,
      SecurityPolicy.Aes256_Sha256_RsaPss,
      ...(allowInsecure ? [SecurityPolicy.None] : []),
    ],
    securityModes: [MessageSecurityMode.SignAndEncrypt, ...(allowInsecure ? [MessageSecurityMode.None] : [])],
    allowAnonymous: allowInsecure,
    userManager,
    isAuditing: true,
    maxConnectionsPerEndpoint: serverLimits.maxConnections,
    transportSettings,
    serverCapabilities: capabilities(),
  };
}

function capabilities(): NonNullable<OPCUAServerOptions["serverCapabilities"]> {
  const limits = serverLimits;
  return {
    maxSessions: limits.maxSessions,
    maxSubscriptions: limits.maxSubscriptions,
    maxSubscriptionsPerSession: limits.maxSubscriptionsPerSession,
    maxMonitoredItems: limits.maxMonitoredItems,
    maxMonitoredItemsPerSubscription: limits.maxMonitoredItemsPerSubscription,
    maxBrowseContinuationPoints: limits.maxBrowseContinuationPoints,
    // History continuation points are kept by the client: any number.
    maxHistoryContinuationPoints: 65_535,
    // 0: every change is delivered to who asks for it.
    minSupportedSampleRate: 0,
    operationLimits: {
      maxNodesPerRead: limits.maxNodesPerCall,
      maxNodesPerWrite: limits.maxNodesPerCall,
      maxNodesPerBrowse: limits.maxNodesPerCall,
      maxNodesPerRegisterNodes: limits.maxNodesPerCall,
      maxNodesPerTranslateBrowsePathsToNodeIds: limits.maxNodesPerCall,
      maxMonitoredItemsPerCall: limits.maxMonitoredItemsPerCall,
      maxNodesPerMethodCall: limits.maxMethodCalls,
      maxNodesPerHistoryReadData: limits.maxHistoryNodes,
      maxNodesPerHistoryReadEvents: limits.maxHistoryNodes,
    },
  };
}
