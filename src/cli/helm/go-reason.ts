const UNKNOWN_AUTHORITY = "tls: failed to verify certificate: x509: certificate signed by unknown authority";

const TLS: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "remote error: tls: bad certificate",
  "ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE": "remote error: tls: bad certificate",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "remote error: tls: certificate required",
};

/** Why no answer came, in the words of Go's network. */
export function goReason(error: unknown): string {
  const { code, message, ...rest } = error as NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
    readonly hostname?: string;
  };
  if (code === "ECONNREFUSED")
    return `dial tcp ${rest.address ?? ""}:${rest.port ?? ""}: connect: connection refused`;
  if (code === "ENOTFOUND") return `dial tcp: lookup ${rest.hostname ?? ""}: no such host`;
  return TLS[code ?? ""] ?? (message || String(code));
}
