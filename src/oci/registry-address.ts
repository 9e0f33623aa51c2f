import type { HttpClient } from "#http";

const HUB = "https://registry-1.docker.io";

export interface AddressSettings {
  readonly http: HttpClient;
  /** Plain HTTP is allowed everywhere. */
  readonly insecure?: boolean;
}

/**
 * Finds how registries are reached. HTTPS is the rule. Loopback registries, and all when plain HTTP is allowed, are asked once
 * in plain HTTP: a server that expects TLS answers 400, a redirect to https or not at all.
 */
export function registryAddresses({
  http,
  insecure,
}: AddressSettings): (registry: string, signal?: AbortSignal) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  const find = async (registry: string): Promise<string> => {
    if (registry === "docker.io") return HUB;
    if (insecure !== true && !isLoopback(registry)) return `https://${registry}`;
    return `${(await expectsTls(http, registry)) ? "https" : "http"}://${registry}`;
  };
  return (registry, signal) => {
    const found = known.get(registry) ?? find(registry);
    known.set(registry, found);
    return signal === undefined ? found : Promise.race([found, aborted(signal)]);
  };
}

/** What is asked is asked for all; one who is told to stop waits no longer for it. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

function isLoopback(registry: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(registry);
}

async function expectsTls(http: HttpClient, registry: string): Promise<boolean> {
  try {
    const answer = await http.request(`http://${registry}/v2/`);
    answer.discard();
    return answer.status === 400 || (answer.headers["location"] ?? "").startsWith("https:");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ECONNRESET" || (code?.startsWith("HPE_") ?? false);
  }
}
