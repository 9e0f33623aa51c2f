import { SlipwayError } from "#errors";
import { formatReference, RegistryError, type Exchange, type Reference, type RegistryFault } from "#oci";
import { goReason } from "./go-reason.ts";

/** What Helm was at when a registry failed it. */
export interface RegistryStep {
  /** Before the words of the registry, as `failed to perform "Exists" on destination`. */
  readonly doing?: string;
  /** What was looked for, when its absence is told by its name. */
  readonly wanted?: Reference;
}

/** An error of a registry in Helm's words, with a next step for its commands; others are left as they are. */
export async function inHelmsWords<T>(step: RegistryStep, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const { doing, wanted } = step;
    const said =
      error.code === "OCI_NOT_FOUND" && wanted !== undefined
        ? `${formatReference(wanted)}: not found`
        : exchangeText(error.exchange);
    const hint = HINTS[error.code]?.(new URL(error.exchange.url).host);
    throw new SlipwayError(
      error.code,
      doing === undefined ? said : `${doing}: ${said}`,
      hint === undefined ? {} : { hint },
    );
  }
}

const HINTS: Readonly<Record<string, (host: string) => string>> = {
  OCI_UNAUTHORIZED: (host) => `Log in: slipway helm registry login ${host}`,
  OCI_DENIED: (host) => `Log in as a user who may: slipway helm registry login ${host}`,
  OCI_NOT_FOUND: () => "Check the name and the version of the chart",
  OCI_UNREACHABLE: (host) =>
    `Check that ${host} is a registry that can be reached; for plain HTTP use --plain-http`,
  OCI_BUSY: () => "Run the command again; what was sent is kept",
};

function exchangeText({ method, url, status, errors, isLoginMissing, broken }: Exchange): string {
  const place = JSON.stringify(url.replace(/\?.*$/, ""));
  if (broken !== undefined) {
    return `${method[0] ?? ""}${method.slice(1).toLowerCase()} ${place}: ${goReason(broken)}`;
  }
  if (isLoginMissing === true) return `${method} ${place}: basic credential not found`;
  const names = process.getBuiltinModule("node:http").STATUS_CODES;
  const why = errors.length === 0 ? (names[status ?? 0] ?? "") : errors.map(faultText).join("; ");
  return `${method} ${place}: response status code ${status ?? 0}: ${why}`;
}

function faultText({ code = "", message, detail }: RegistryFault): string {
  const name = code.replaceAll("_", " ").toLowerCase();
  const rest = [message, detail === undefined || detail === null ? undefined : goText(detail)];
  return [name, ...rest.filter((part) => part !== undefined && part !== "")].join(": ");
}

/** As Go prints what JSON holds. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value !== "object" || value === null) return value === null ? "<nil>" : String(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, one]) => `${key}:${goText(one)}`).join(" ")}]`;
}
