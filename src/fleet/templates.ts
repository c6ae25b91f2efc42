import { AddCause } from "#model/add-cause.ts";
import { CommandError, type CommandOutcome, type Principal } from "#model/command.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { type ErrorCode, HostError } from "#model/errors.ts";
import type { TemplateSpec } from "#model/package-details.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { ControlPath, Order, Passage } from "./commands/control-path.ts";
import type { Landing } from "./commands/flight.ts";
import type { SettingWriter } from "./commands/setting-writer.ts";
import type { Device } from "./device.ts";
import { knownValueOf } from "./known-values.ts";
import type { LiveValues } from "./live-values.ts";
import { checkRules, checkSetting, checkValidity, keepsRules } from "./package-rules.ts";
import { authoriseWrite } from "./writes.ts";

export interface TemplateRequest {
  readonly device: Device;
  /** Name of the template. */
  readonly template: string;
  readonly by: Principal;
}

/** `restored`: it was set, and set back because another one failed. `unknown`: nobody knows which value it has. */
export type SettingResult = "applied" | "unchanged" | "failed" | "restored" | "unknown" | "not-tried";

export interface AppliedSetting {
  readonly parameter: string;
  readonly result: SettingResult;
  /** Why it failed; empty when it did not. */
  readonly detail: string;
  /** Set when it failed. */
  readonly code?: ErrorCode;
}

export interface TemplateOutcome extends CommandOutcome {
  readonly settings: readonly AppliedSetting[];
}

/** A template that was not applied, with what became of each of its settings. */
export class TemplateError extends CommandError {
  readonly settings: readonly AppliedSetting[];

  constructor(error: CommandError, settings: readonly AppliedSetting[]) {
    super(error.code, error.outcome, { cause: error });
    this.name = "TemplateError";
    this.settings = settings;
  }
}

export interface TemplatesParts {
  readonly path: ControlPath;
  readonly writer: SettingWriter;
  readonly live: LiveValues;
}

interface Setting {
  readonly spec: ParameterSpec;
  readonly value: ParameterValue;
}

/** Applies the templates of a package: all of their settings, or none of them. */
export class Templates {
  readonly #parts: TemplatesParts;

  constructor(parts: TemplatesParts) {
    this.#parts = parts;
  }

  /**
   * Writes every setting of a template; when one fails, those written before are set back. Throws TemplateError: as
   * Writes.write, and `argument-invalid` for a template that the package does not have.
   */
  async apply(request: TemplateRequest): Promise<TemplateOutcome> {
    const job = new TemplateJob(this.#parts, request);
    try {
      const outcome = await this.#parts.path.run(job.order());
      return { ...outcome, settings: job.results() };
    } catch (error) {
      if (error instanceof CommandError) throw new TemplateError(error, job.results());
      throw error;
    }
  }
}

class TemplateJob {
  readonly #parts: TemplatesParts;
  readonly #request: TemplateRequest;
  readonly #template: TemplateSpec | undefined;
  readonly #results = new Map<string, AppliedSetting>();
  /** What was true before, to be set back. */
  readonly #before = new Map<ParameterSpec, ParameterValue | undefined>();

  constructor(parts: TemplatesParts, request: TemplateRequest) {
    this.#parts = parts;
    this.#request = request;
    this.#template = request.device.package.templates.find(({ name }) => name === request.template);
  }

  order(): Order {
    const { device, by, template } = this.#request;
    return {
      device,
      by,
      action: `template ${template.slice(0, 80)}`,
      effect: "configure",
      authorise: () => {
        for (const { spec } of this.#settings()) authoriseWrite(device, spec, by);
      },
      check: () => this.#check(),
      permit: () => this.#permit(),
      about: () => ({
        changes: this.#settings().map(({ spec, value }) => ({
          parameter: spec.name,
          before: this.#before.get(spec),
          after: value,
        })),
      }),
      carryOut: (passage) => this.#carryOut(passage),
    };
  }

  /** One per setting, in the order of the template. */
  results(): AppliedSetting[] {
    return (this.#template?.settings ?? []).map(
      ({ parameter }) => this.#results.get(parameter) ?? { parameter, result: "not-tried", detail: "" },
    );
  }

  #settings(): Setting[] {
    const { device, template } = this.#request;
    if (this.#template === undefined) {
      const names = device.package.templates.map(({ name }) => name).join(", ") || "none";
      const asked = JSON.stringify(template.slice(0, 80));
      throw new HostError("argument-invalid", `${device.id} has no template ${asked}: its package has ${names}`);
    }
    return this.#template.settings.flatMap(({ parameter, value }) => {
      const spec = device.package.parameterByName.get(parameter);
      return spec === undefined ? [] : [{ spec, value }];
    });
  }

  #check(): void {
    const { device } = this.#request;
    let first: unknown;
    for (const { spec, value } of this.#settings()) {
      try {
        checkSetting(device, spec, value);
      } catch (error) {
        first ??= error;
        this.#failed(spec, HostError.from(error));
      }
    }
    if (first !== undefined) throw first;
  }

  #permit(): void {
    const { device } = this.#request;
    const { live } = this.#parts;
    for (const { spec } of this.#settings()) {
      this.#before.set(spec, knownValueOf(device, spec, live));
      checkValidity(device, spec, live);
    }
    checkRules(device, new Map(this.#settings().map(({ spec, value }) => [spec.name, value])), live);
  }

  async #carryOut(passage: Passage): Promise<Landing> {
    const { device, template } = this.#request;
    const { writer } = this.#parts;
    const rest = this.#settings();
    const written: Setting[] = [];
    for (let next = this.#takeNext(rest); next !== undefined; next = this.#takeNext(rest)) {
      const { spec, value } = next;
      if (writer.isSet(passage, { device, spec, value })) {
        this.#note(spec, "unchanged");
        continue;
      }
      const landing = await writer.write(passage, { device, spec, value });
      if (landing.code === undefined) {
        written.push(next);
        this.#note(spec, "applied");
        continue;
      }
      this.#results.set(spec.name, {
        parameter: spec.name,
        result: "failed",
        detail: landing.evidence,
        code: landing.code,
      });
      // It may have arrived: then it is to be set back like the others.
      if (landing.result === "unconfirmed") written.push(next);
      return this.#undo(passage, written, landing);
    }
    const evidence = `${device.id} reported all settings of template ${template} (${written.length} changed)`;
    return { result: "confirmed", code: undefined, addCause: AddCause.unknown, evidence };
  }

  /** Takes a setting whose change keeps the rules between settings, which the device checks at every step, too. */
  #takeNext(rest: Setting[]): Setting | undefined {
    const { device } = this.#request;
    const allowed = rest.findIndex(({ spec, value }) =>
      keepsRules(device, new Map([[spec.name, value]]), this.#parts.live),
    );
    return rest.splice(Math.max(allowed, 0), 1)[0];
  }

  async #undo(passage: Passage, written: Setting[], failure: Landing): Promise<Landing> {
    if (written.length === 0) return failure;
    const { device } = this.#request;
    await passage.hold.resume();
    let unknown = 0;
    for (const { spec } of written.toReversed()) {
      const before = this.#before.get(spec);
      const isRestored =
        unknown === 0 &&
        passage.isReachable() &&
        before !== undefined &&
        (await this.#restore(passage, { spec, value: before }));
      if (!isRestored) unknown += 1;
      this.#note(spec, isRestored ? "restored" : "unknown");
    }
    if (unknown === 0) {
      const evidence = `${failure.evidence}; ${written.length} settings of ${device.id} were set back`;
      return { ...failure, result: "rejected", evidence };
    }
    const evidence = `${failure.evidence}; ${unknown} settings of ${device.id} could not be set back: they are not known`;
    return { result: "unconfirmed", code: "command-unconfirmed", addCause: failure.addCause, evidence };
  }

  async #restore(passage: Passage, setting: Setting): Promise<boolean> {
    const landing = await this.#parts.writer.write(passage, { device: this.#request.device, ...setting });
    return landing.code === undefined;
  }

  #note(spec: ParameterSpec, result: SettingResult): void {
    const known = this.#results.get(spec.name);
    this.#results.set(spec.name, { ...known, parameter: spec.name, result, detail: known?.detail ?? "" });
  }

  #failed(spec: ParameterSpec, error: HostError | undefined): void {
    const detail = error?.message ?? "";
    const code = error === undefined ? {} : { code: error.code };
    this.#results.set(spec.name, { parameter: spec.name, result: "failed", detail, ...code });
  }
}
