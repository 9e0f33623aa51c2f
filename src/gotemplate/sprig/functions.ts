import type { FunctionMap, TemplateFunction } from "../function.ts";
import { CASTS, CASTS_OF_VERSION_TWO } from "./cast.ts";
import { certificateFunctions } from "./certificates.ts";
import { cryptoFunctions } from "./crypto.ts";
import { dateFunctions } from "./dates.ts";
import { dictFunctions } from "./dicts.ts";
import { encodingFunctions } from "./encoding.ts";
import { environmentFunctions, type Environment } from "./environment.ts";
import { flowFunctions } from "./flow.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { listFunctions } from "./lists.ts";
import { networkFunctions } from "./network.ts";
import { numberFunctions } from "./numbers.ts";
import { pathFunctions } from "./paths.ts";
import { randomFunctions, systemRandom, type RandomBytes } from "./random.ts";
import { regexFunctions } from "./regex.ts";
import { semverFunctions } from "./semver.ts";
import { limited } from "./slow.ts";
import { stringFunctions, truncateOfVersionTwo } from "./strings.ts";
import { urlFunctions } from "./url.ts";

export interface SprigOptions {
  /** What time it is; the machine's clock unless told. */
  readonly now?: () => Date;
  /** Random bytes; the system's unless told. Keys are always made by node:crypto. */
  readonly random?: RandomBytes;
  /** The IANA name of the zone in which dates are read and shown; UTC unless told. */
  readonly timeZone?: string;
  /** What `env` and `expandenv` see. Without it the two are missing, as Helm wants. */
  readonly env?: Environment;
  /** Which Sprig: 3.3.0 as in Helm, or 3.3.0 with the functions that 2.22 has as 2.22 has them, as in werf 1.1. */
  readonly version?: 2 | 3;
  readonly limits?: Partial<Limits>;
}

/**
 * Sprig's functions with the results and error texts of Go.
 *
 * @see https://masterminds.github.io/sprig/
 */
export function sprigFunctions(options: SprigOptions = {}): FunctionMap {
  const { now = () => new Date(), random = systemRandom, timeZone = "UTC", env, version = 3 } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const functions: TemplateFunction[] = [
    ...stringFunctions(limits),
    ...(version === 2 ? [truncateOfVersionTwo()] : []),
    ...numberFunctions(limits, version === 2 ? CASTS_OF_VERSION_TWO : CASTS),
    ...listFunctions(limits),
    ...dictFunctions(),
    ...flowFunctions(),
    ...dateFunctions(now, timeZone),
    ...encodingFunctions(),
    ...regexFunctions(),
    ...semverFunctions(),
    ...pathFunctions(),
    ...urlFunctions(),
    ...networkFunctions(),
    ...cryptoFunctions(random),
    ...randomFunctions(random, limits),
    ...certificateFunctions(now, random),
    ...(env === undefined ? [] : environmentFunctions(env)),
  ];
  return new Map(functions.map((one) => [one.name, limited(one, limits)]));
}
