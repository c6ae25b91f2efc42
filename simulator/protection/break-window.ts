/** Shortest non-trip and longest break time in ms for one delay step: the breaking time lies between them. */
export interface BreakWindow {
  readonly delayMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Published windows of the short-time and ground-fault delays 0, 0.1, 0.2, 0.3 and 0.4 s. */
export const shortTimeWindows: readonly BreakWindow[] = [
  { delayMs: 0, fromMs: 20, toMs: 80 },
  { delayMs: 100, fromMs: 80, toMs: 140 },
  { delayMs: 200, fromMs: 140, toMs: 200 },
  { delayMs: 300, fromMs: 230, toMs: 320 },
  { delayMs: 400, fromMs: 350, toMs: 500 },
];

/** Instantaneous: clears in less than 50 ms. */
export const instantaneousWindow: BreakWindow = { delayMs: 0, fromMs: 15, toMs: 45 };

/** Arc flash relays operate within 10 to 25 ms; `mechanismMs` is added because windows count until the arc is out. */
export function arcFlashWindow(delayMs: number, mechanismMs: number): BreakWindow {
  return { delayMs, fromMs: delayMs + 10 + mechanismMs, toMs: delayMs + 25 + mechanismMs };
}

/** A definite-time relay element: its delay, at most 30 ms late. */
export function relayWindow(delayMs: number): BreakWindow {
  return { delayMs, fromMs: delayMs, toMs: delayMs + 30 };
}

/** The window of a short-time delay, interpolated between the published steps. */
export function shortTimeWindow(delayMs: number): BreakWindow {
  let below = shortTimeWindows[0];
  for (const above of shortTimeWindows) {
    if (below !== undefined && above.delayMs >= delayMs) return interpolated(below, above, delayMs);
    below = above;
  }
  return below ?? relayWindow(delayMs);
}

function interpolated(below: BreakWindow, above: BreakWindow, delayMs: number): BreakWindow {
  const span = above.delayMs - below.delayMs;
  const share = span === 0 ? 0 : (delayMs - below.delayMs) / span;
  return {
    delayMs,
    fromMs: below.fromMs + share * (above.fromMs - below.fromMs),
    toMs: below.toMs + share * (above.toMs - below.toMs),
  };
}
