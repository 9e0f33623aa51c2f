import { SlipwayError } from "#errors";

/**
 * What went wrong with a call to the Kubernetes API. Codes: KUBE_UNREACHABLE, KUBE_UNAUTHORIZED, KUBE_FORBIDDEN, KUBE_NOT_FOUND,
 * KUBE_EXISTS, KUBE_CONFLICT, KUBE_GONE, KUBE_INVALID, KUBE_NO_KIND, KUBE_BUSY, KUBE_SERVER.
 */
export class KubeError extends SlipwayError {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The server's own words, without ours around them. */
  readonly serverMessage: string;

  constructor(
    code: string,
    message: string,
    about: { status?: number; serverMessage?: string; hint?: string; cause?: unknown } = {},
  ) {
    super(code, message, {
      ...(about.hint === undefined ? {} : { hint: about.hint }),
      ...(about.cause === undefined ? {} : { cause: about.cause }),
    });
    this.status = about.status ?? 0;
    this.serverMessage = about.serverMessage ?? "";
  }
}

/** Whether an error is a KubeError with one of these codes. */
export function isKubeError(error: unknown, ...codes: readonly string[]): error is KubeError {
  return error instanceof KubeError && codes.includes(error.code);
}

/**
 * The error for an answer that is not a success.
 *
 * @param doing what the call was for, as `create deploy/web in namespace shop`.
 * @param body the Status object that the API sends, or any text.
 */
export function errorOfAnswer(doing: string, status: number, body: string): KubeError {
  const { message, reason } = statusOf(body);
  const serverMessage = message === "" ? `HTTP status ${status}` : message;
  const code = codeOf(status, reason);
  const hint = HINTS[code];
  return new KubeError(code, `Cannot ${doing}: ${serverMessage}`, {
    status,
    serverMessage,
    ...(hint === undefined ? {} : { hint }),
  });
}

const HINTS: Readonly<Record<string, string>> = {
  KUBE_UNAUTHORIZED:
    "The credentials of this kubeconfig user are missing, wrong or expired; log in to the cluster again or choose another --kube-config or --kube-context",
  KUBE_FORBIDDEN:
    "Ask the cluster's administrator for a Role and RoleBinding that allow this, or deploy as another user with --kube-config or --kube-context",
  KUBE_BUSY: "The API server limits requests; run the command again later",
  KUBE_SERVER:
    "The API server had an error of its own; run the command again, and look at the server's log if it stays",
};

function codeOf(status: number, reason: string): string {
  switch (status) {
    case 401:
      return "KUBE_UNAUTHORIZED";
    case 403:
      return "KUBE_FORBIDDEN";
    case 404:
      return "KUBE_NOT_FOUND";
    case 409:
      return reason === "AlreadyExists" ? "KUBE_EXISTS" : "KUBE_CONFLICT";
    case 410:
      return "KUBE_GONE";
    case 429:
      return "KUBE_BUSY";
    default:
      return status >= 500 ? "KUBE_SERVER" : "KUBE_INVALID";
  }
}

function statusOf(body: string): { message: string; reason: string } {
  try {
    const parsed = JSON.parse(body) as { message?: unknown; reason?: unknown } | null;
    return { message: String(parsed?.message ?? ""), reason: String(parsed?.reason ?? "") };
  } catch {
    return { message: body.trim().slice(0, 500), reason: "" };
  }
}
