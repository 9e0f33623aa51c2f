import { SlipwayError, sourceFrame, type SourcePlace } from "#errors";
import { YamlError } from "#yaml";

/** A file that a part of some work reads. */
interface ReadFile {
  readonly file: string;
  readonly text: string;
}

/** Runs a part of some work; its faults are told with what was being done, and where in the file that it read. */
export function within<T>(doing: string, part: () => T, read?: () => ReadFile): T {
  try {
    return part();
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const place = read === undefined ? undefined : placeOf(error, read());
    throw new SlipwayError(error.code, `${doing}: ${error.message}`, {
      cause: error,
      ...(place === undefined ? {} : { place }),
    });
  }
}

function placeOf(error: SlipwayError, { file, text }: ReadFile): SourcePlace | undefined {
  const position = error instanceof YamlError ? error.position : undefined;
  if (position === undefined) return undefined;
  const { line, column } = position;
  return { file, line, column, frame: sourceFrame(text, line) };
}
