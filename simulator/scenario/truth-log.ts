import { truthOf } from "#simulator/breaker/degradation.ts";
import type { World } from "#simulator/fleet/world.ts";

const dayMs = 86_400_000;

/** Writes once per simulated day what every degradation really amounts to, for judging predictions. */
export class TruthLog {
  readonly #write: (line: string) => void;
  #day = -1;

  /** `write` gets one JSON object per call, without a line end. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Looks at the world at a simulation time; call it at least once per simulated day. */
  look(world: World, nowMs: number): void {
    const day = Math.floor(nowMs / dayMs);
    if (day === this.#day) return;
    this.#day = day;
    for (const { id, breaker } of world.devices.values()) {
      for (const degradation of breaker.ageing.scripted) {
        const { kind, size, failsAtMs } = truthOf(id, degradation, nowMs);
        this.#write(
          JSON.stringify({
            device: id,
            kind,
            at: timeText(world, nowMs),
            size: Number(size.toFixed(4)),
            failsAt: timeText(world, failsAtMs),
            temperatureCel: Number(breaker.terminal.temperatureCel.toFixed(2)),
            contactWearPercent: Number(breaker.wear.maxPercent.toFixed(2)),
            openingMs: Number(breaker.mechanism.lastOpeningMs.toFixed(2)),
          }),
        );
      }
    }
  }
}

function timeText(world: World, simulationMs: number): string {
  return new Date(world.clock.epochOf(simulationMs)).toISOString();
}
