import { SlipwayError } from "#errors";

export type Library = typeof import("openpgp");

/**
 * The library, which stays outside the bundle: a user may put another version of it in place, as its licence wants.
 *
 * @throws {SlipwayError} PGP_LIBRARY when the program was copied without it.
 */
export async function loadLibrary(): Promise<Library> {
  try {
    return await import("openpgp");
  } catch (cause) {
    throw new SlipwayError(
      "PGP_LIBRARY",
      "Cannot work with signatures: the package openpgp is not installed",
      {
        cause,
        hint: "Install slipway with npm, which brings it, or put openpgp into node_modules beside dist",
      },
    );
  }
}

/** A fault in the words of Go's OpenPGP library, which are Helm's. */
export function pgpFault(message: string, hint?: string): SlipwayError {
  return new SlipwayError("PGP", message, hint === undefined ? {} : { hint });
}
