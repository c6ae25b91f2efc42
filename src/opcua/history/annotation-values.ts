import { type DataValue, type StatusCode, StatusCodes } from "node-opcua";
import type { Annotation } from "#fleet/history/ports.ts";
import { schemaNameOf } from "#opcua/engine/schema-name.ts";
import { timeOf, withPicoseconds } from "./time-argument.ts";

/** The annotations in values that a client gave, or why one is none; without an author they are by `user`. */
export function annotationsOf(given: readonly DataValue[], user: string): readonly (Annotation | StatusCode)[] {
  return given.map((dataValue) => annotationOf(dataValue, user));
}

function annotationOf({ value, sourceTimestamp, sourcePicoseconds }: DataValue, user: string): Annotation | StatusCode {
  if (sourceTimestamp === null || sourceTimestamp === undefined) return StatusCodes.BadInvalidTimestamp;
  const time = withPicoseconds(sourceTimestamp.getTime(), sourcePicoseconds);
  const structure: unknown = value.value;
  if (!isAnnotation(structure)) return StatusCodes.BadTypeMismatch;
  const { message, userName, annotationTime } = structure;
  return {
    time,
    message: message ?? "",
    user: userName === null || userName === "" ? user : userName,
    writtenAt: timeOf(annotationTime) ?? time,
  };
}

interface AnnotationStructure {
  readonly message: string | null;
  readonly userName: string | null;
  readonly annotationTime: Date | null;
}

function isAnnotation(structure: unknown): structure is AnnotationStructure {
  return schemaNameOf(structure) === "Annotation";
}
