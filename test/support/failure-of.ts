import { HostError } from "#model/errors.ts";

/** The HostError that `work` fails with; throws when it succeeds, or fails otherwise. */
export async function failureOf(work: Promise<unknown>): Promise<HostError> {
  let value: unknown;
  try {
    value = await work;
  } catch (error) {
    const failure = HostError.from(error);
    if (failure !== undefined) return failure;
    throw error;
  }
  throw new Error(`expected a failure, got ${JSON.stringify(value)}`);
}

/** The code of the HostError that `work` throws at once; throws when it succeeds, or fails otherwise. */
export function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    const failure = HostError.from(error);
    if (failure !== undefined) return failure.code;
    throw error;
  }
  throw new Error("expected a refusal");
}
