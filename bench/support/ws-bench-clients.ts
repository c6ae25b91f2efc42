/**
 * Clients of `rest`, in a process of their own. Arguments: URL of the socket, token, clients, subscription as JSON. Sends
 * `ready` when all are subscribed, and what came since it was asked last whenever it is asked.
 */

const [url = "", token = "", count = "1", wish = "{}"] = process.argv.slice(2);

interface Tally {
  frames: number;
  bytes: number;
  /** From the device's time to the arrival, milliseconds; of frames in the device form. */
  latencies: number[];
}

let tally: Tally = { frames: 0, bytes: 0, latencies: [] };
let waiting = Number(count);
const measure = wish.includes('"device"');

for (let i = 0; i < Number(count); i += 1) {
  const socket = new WebSocket(url, ["fdi-host", `bearer.${token}`]);
  socket.addEventListener("open", () => socket.send(wish));
  socket.addEventListener("error", () => process.exit(1));
  socket.addEventListener("message", ({ data }) => {
    const text = String(data);
    if (text.startsWith('{"type":"subscribed"')) {
      waiting -= 1;
      if (waiting === 0) process.send?.("ready");
      return;
    }
    tally.frames += 1;
    tally.bytes += text.length;
    const at = measure ? /"timestamp":"([^"]+)"/.exec(text)?.[1] : undefined;
    if (at !== undefined) tally.latencies.push(Date.now() - Date.parse(at));
  });
}

process.on("message", () => {
  process.send?.(tally);
  tally = { frames: 0, bytes: 0, latencies: [] };
});
