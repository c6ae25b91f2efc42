import type { SampleBatch } from "#model/sample-batch.ts";

/** One condition of a rule on devices of one type; undefined = it cannot be told now. */
export interface RuleTerm {
  readonly inputs: readonly number[];
  holds(): boolean | undefined;
  /** Present where every sample counts. */
  sample?(batch: SampleBatch, i: number): void;
  forget?(row: number): void;
}
