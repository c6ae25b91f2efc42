import type { Protocol } from "#model/protocol.ts";
import type { Feed, FeedShape } from "./feed.ts";
import { sparkplugFeed } from "./sparkplug-feed.ts";

/** The feed of each protocol that can be measured. */
export const feeds: Readonly<Partial<Record<Protocol, (shape: FeedShape) => Feed>>> = {
  sparkplug: sparkplugFeed,
};
