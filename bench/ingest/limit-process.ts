import { connectAsync } from "mqtt";
import { cpuUs, serve } from "./child.ts";
import { feedOf } from "./feed-of.ts";

/** The least that any host must do: receive with mqtt.js and decode. Arguments: broker port, protocol, devices. */
const [port = "0", protocol = "", devices = "0"] = process.argv.slice(2);
const feed = await feedOf(protocol, Number(devices));
const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: "bench-limit" });
let messages = 0;
client.on("message", (topic, payload) => {
  messages += 1;
  feed.decode(topic, payload);
});
await client.subscribeAsync([...feed.filters], { qos: 1 });
process.once("SIGTERM", () => process.exit(0));
serve(() => Promise.resolve({ messages, cpuUs: cpuUs() }));
