import { appendFileSync } from "node:fs";
import { Position } from "#simulator/breaker/mechanism.ts";
import { Fleet, type FleetOptions } from "#simulator/fleet/fleet.ts";
import { fieldsOf } from "#simulator/fleet/json-fields.ts";
import { planDevices } from "#simulator/fleet/plan.ts";
import { demoDevice, demoEvents, withDemoSettings } from "#simulator/scenario/demo-event.ts";
import type { Scenario } from "#simulator/scenario/scenario.ts";
import { Stage } from "#simulator/scenario/stage.ts";
import { TruthLog } from "#simulator/scenario/truth-log.ts";
import type { RunOptions } from "./options.ts";
import { findingLines } from "./play-files.ts";
import { loadScenario } from "./scenario-file.ts";

const troublePeriodMs = 10_000;
const lookMs = 100;

function say(text: string): void {
  process.stdout.write(`simulator: ${text}\n`);
}

/** One line per period about connection trouble, however many sessions have it. */
function troubleReporter(): (reason: string) => void {
  let quietUntil = 0;
  return (reason) => {
    const now = Date.now();
    if (now < quietUntil) return;
    quietUntil = now + troublePeriodMs;
    say(`broker trouble: ${reason}`);
  };
}

/** Runs a fleet until a signal, the end of the parent process, or the end of a scenario (then false if it failed). */
export async function runFleet(options: RunOptions): Promise<boolean> {
  const scenario = options.scenario === undefined ? undefined : loadScenario(options.scenario, Date.now());
  const fleet = new Fleet(fleetOptions(options, scenario));
  const stopped = stopOnSignals(() => fleet.stop());
  answerParent(fleet);
  const stage = new Stage(fleet.world, stageOf(options, scenario));
  const ended = watch(fleet, options, scenario);
  say(`${scenario?.name ?? options.protocol}: ${fleet.world.devices.size} breakers, broker ${options.brokerUrl}`);
  if (options.isDemoEvent) announceDemo(fleet, options);
  await fleet.start();
  say("all sessions are online");
  process.send?.({ ready: true });
  await Promise.race([ended, stopped]);
  if (scenario === undefined) return true;
  const findings = stage.judge();
  process.stdout.write(`${scenario.name}\n${findingLines(findings)}`);
  await fleet.stop();
  return findings.every(({ isMet }) => isMet);
}

function fleetOptions(options: RunOptions, scenario: Scenario | undefined): FleetOptions {
  const plans = scenario?.devices ?? planDevices(options.devices, options.first, options.protocol);
  return {
    ...options,
    devices: options.isDemoEvent ? withDemoSettings(plans) : plans,
    startEpochMs: options.startEpochMs ?? scenario?.startEpochMs ?? Date.now(),
    acceleration: options.acceleration ?? scenario?.acceleration ?? 1,
    stepMs: scenario?.stepMs,
    periodMs: scenario?.periodMs ?? options.periodMs,
    seed: scenario?.seed ?? options.seed,
    onTrouble: troubleReporter(),
  };
}

function stageOf(options: RunOptions, scenario: Scenario | undefined): Pick<Scenario, "events" | "expectations"> {
  if (scenario !== undefined) return scenario;
  const plans = planDevices(options.devices, options.first, options.protocol);
  return { events: options.isDemoEvent ? demoEvents(plans) : [], expectations: [] };
}

/** Writes the ground truth and resolves when the scenario is over. */
function watch(fleet: Fleet, { truthFile }: RunOptions, scenario: Scenario | undefined): Promise<void> {
  const truth = truthFile === undefined ? undefined : new TruthLog((line) => appendFileSync(truthFile, `${line}\n`));
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const nowMs = fleet.world.clock.nowMs();
      truth?.look(fleet.world, nowMs);
      if (scenario === undefined || nowMs < scenario.durationMs) return;
      clearInterval(timer);
      resolve();
    }, lookMs);
    timer.unref();
  });
}

/** Tells what the demonstration does as it happens. */
function announceDemo(fleet: Fleet, { devices, first, protocol }: RunOptions): void {
  const device = fleet.world.devices.get(demoDevice(planDevices(devices, first, protocol))?.id ?? "");
  if (device === undefined) return;
  say(`demo: ${device.id} will trip on an overload in about half a minute and reclose by itself half a minute later`);
  let told: number = Position.closed;
  const timer = setInterval(() => {
    const { position } = device.breaker.mechanism;
    if (position === told || position === Position.intermediate) return;
    told = position;
    const { lastTrip } = device.breaker;
    if (position === Position.closed) say(`demo: ${device.id} has closed again`);
    else say(`demo: ${device.id} has tripped (${lastTrip?.reason ?? "?"}, ${lastTrip?.currentA.toFixed(0) ?? "?"} A)`);
  }, lookMs);
  timer.unref();
}

/** Answers a parent's `{"stats": true}` with CPU time used and what became of messages so far, for benchmarks. */
function answerParent(fleet: Fleet): void {
  if (process.send === undefined) return;
  process.on("message", (message) => {
    if (fieldsOf(message)?.get("stats") !== true) return;
    const { user, system } = process.cpuUsage();
    const cpuMs = (user + system) / 1000;
    const { traffic, impairments } = fleet;
    process.send?.({ stats: { cpuMs, rssBytes: process.memoryUsage.rss(), ...traffic, ...impairments } });
  });
}

/** Stops the fleet on a signal or when the parent is gone; the promise resolves when that is done. */
function stopOnSignals(stopFleet: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      void stopFleet().then(resolve, resolve);
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
    // A parent that dies closes the channel: do not outlive it.
    process.once("disconnect", stop);
  });
}
