import { SlipwayError } from "#errors";

/** Runs a part of some work; its faults are told with what was being done. */
export function within<T>(doing: string, part: () => T): T {
  try {
    return part();
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    throw new SlipwayError(error.code, `${doing}: ${error.message}`, { cause: error });
  }
}
