import { setTimeout as sleep } from "node:timers/promises";

export interface RetryOptions {
  /** Tries in all; 5 unless told. */
  readonly attempts?: number;
  /** The wait before the second try; each further one is twice as long, at most 10 s. 200 ms unless told. */
  readonly firstWaitMs?: number;
  readonly signal?: AbortSignal;
  /** Whether a failure may pass. isPassing() unless told. */
  readonly isRetryable?: (error: unknown) => boolean;
}

/** Repeats work that failed for a reason that may pass, waiting longer each time, or as long as the server asked. */
export async function retrying<T>(
  work: (attempt: number) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const attempts = options.attempts ?? 5;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (attempt >= attempts || !(options.isRetryable ?? isPassing)(error)) throw error;
      const asked = (error as { retryAfterMs?: number }).retryAfterMs;
      const wait = asked ?? Math.min(10_000, (options.firstWaitMs ?? 200) * 2 ** (attempt - 1));
      await sleep(
        Math.min(wait, 60_000),
        undefined,
        options.signal === undefined ? {} : { signal: options.signal },
      );
    }
  }
}

const PASSING_CODES = [
  "ECONNRESET",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
  "ECONNABORTED",
  "ERR_STREAM_PREMATURE_CLOSE",
];

/** Nobody listening (ECONNREFUSED) does not pass. Decided on data: a connection's error code, or the HTTP status 408, 429, 500, 502, 503, 504 of an error that carries one. */
export function isPassing(error: unknown): boolean {
  const { code, status } = error as { code?: unknown; status?: unknown };
  if (typeof status === "number") return [408, 429, 500, 502, 503, 504].includes(status);
  return typeof code === "string" && PASSING_CODES.includes(code);
}
