/** Measures some ratios, by the names of the figures. */
export type Measurement = () => Promise<Readonly<Record<string, number>>>;

const ingest = async (protocol: string, devices: number, values: number): Promise<number> =>
  (await (await import("./ingest.ts")).ingestCosts({ protocol, devices, values })).ratio;

/** Loaded one at a time: what is not measured is not there. */
export const measurements: Readonly<Record<string, Measurement>> = {
  codec: async () => (await import("./codec.ts")).codecRatios(),
  "ingest-sparkplug": async () => ({ sparkplugIngestRatio: await ingest("sparkplug", 200, 47) }),
  "ingest-json": async () => ({ jsonIngestRatio: await ingest("json", 200, 20) }),
  notify: async () => ({ notifyRatio: await (await import("./notify.ts")).notifyRatio() }),
  history: async () => (await import("./history.ts")).historyRatios(),
  commands: async () => ({ commandRatio: await (await import("./commands.ts")).commandRatio() }),
};
