import { randomBytes } from "node:crypto";
import type { ISessionContext, OPCUAServer } from "node-opcua";
import type { EventJournal } from "#fleet/alarms/ports.ts";
import type { HistoryEdits } from "#fleet/history/history-edits.ts";
import type { HistoryAccess } from "#fleet/history/ports.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import type { AuditEvents } from "#opcua/audit-events.ts";
import { installHistoryServices } from "#opcua/engine/history-services.ts";
import { AnnotationNodes } from "./annotation-nodes.ts";
import { ContinuationPoints } from "./continuation-points.ts";
import { HistoryAudit } from "./history-audit.ts";
import { showHistoryCapabilities } from "./history-nodes.ts";
import type { HistoryTarget, TargetParts } from "./history-target.ts";
import type { EventHistoryParts } from "./read-events.ts";
import { readHistory } from "./read-history.ts";
import { updateHistory } from "./update-history.ts";

/** The history behind the services. */
export interface HistoryBacking {
  readonly access: HistoryAccess;
  readonly edits: HistoryEdits;
  readonly events: EventJournal;
}

export interface ServeHistoryParts extends TargetParts {
  /** There once the historian is open. */
  readonly backing: Promise<HistoryBacking>;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly events: AuditEvents;
  /** How events of the fleet look; there once the address space is built. */
  readonly views: EventHistoryParts["views"];
  readonly deviceNamed: EventHistoryParts["deviceNamed"];
  /** Most nodes in one request. */
  readonly maxOperations: number;
  readonly log: Logger;
}

/** Makes a server answer HistoryRead and HistoryUpdate from the historian. */
export function serveHistory(server: OPCUAServer, parts: ServeHistoryParts): void {
  const { addressSpace, parameterOf, backing, principalOf, events, maxOperations, log } = parts;
  const { views, deviceNamed } = parts;
  const access = backing.then((history) => history.access);
  const journal = backing.then((history) => history.events);
  journal.catch(() => undefined);
  const edits = backing.then((history) => history.edits);
  // Whoever opens the historian hears of its failure.
  edits.catch(() => undefined);
  const common = { addressSpace, parameterOf, access, points: new ContinuationPoints(randomBytes(32)), log };
  const annotations = new AnnotationNodes(addressSpace);
  const annotated = ({ device, spec }: HistoryTarget): void => annotations.show(device.id, spec.name);
  access
    .then((history) => annotations.showAll(history))
    .catch((error: unknown) => {
      log.warn({ err: error }, "annotations of earlier runs are not shown");
    });
  const update = { ...common, edits, principalOf, audit: new HistoryAudit(events), annotated };
  showHistoryCapabilities(server, addressSpace);
  installHistoryServices(server, {
    read: (context, request) => readHistory({ ...common, journal, views, deviceNamed }, context, request),
    update: (context, request) => updateHistory(update, context, request),
    maxOperations,
  });
}
