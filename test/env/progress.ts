const begun = performance.now();

/** One line about a part, on stderr, with the seconds since this process began. */
export function say(part: string, text: string): void {
  const seconds = ((performance.now() - begun) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`${seconds} s  ${part}: ${text}\n`);
}

/** Says when a piece of work begins, that it still goes on every 20 seconds, and how long it took. */
export async function step<T>(part: string, title: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  say(part, title);
  const heartbeat = setInterval(() => say(part, `${title}: still at it after ${seconds()}`), 20_000);
  try {
    const result = await work();
    say(part, `${title}: done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}
