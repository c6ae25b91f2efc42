import type { Protocol } from "#model/protocol.ts";
import type { Feed, FeedShape } from "./feed.ts";
import { jsonFeed } from "./json-feed.ts";
import { lwm2mFeed } from "./lwm2m-feed.ts";
import { sparkplugFeed } from "./sparkplug-feed.ts";

/** The feed of each protocol that can be measured. */
export const feeds: Readonly<Partial<Record<Protocol, (shape: FeedShape) => Feed>>> = {
  sparkplug: sparkplugFeed,
  json: jsonFeed,
  lwm2m: lwm2mFeed,
};
