import type { SandboxFile, SandboxMount, SandboxSettings } from "./step.ts";

const BUNDLE = "/run/slipway/ca.pem";
const APT_SETTINGS = "/run/slipway/apt.conf";
const WGET_SETTINGS = "/run/slipway/wgetrc";

const BUNDLE_VARIABLES = {
  SSL_CERT_FILE: BUNDLE,
  REQUESTS_CA_BUNDLE: BUNDLE,
  PIP_CERT: BUNDLE,
  NODE_EXTRA_CA_CERTS: BUNDLE,
  CURL_CA_BUNDLE: BUNDLE,
  GIT_SSL_CAINFO: BUNDLE,
  CARGO_HTTP_CAINFO: BUNDLE,
  AWS_CA_BUNDLE: BUNDLE,
  APT_CONFIG: APT_SETTINGS,
  WGETRC: WGET_SETTINGS,
};

/** What the settings add to a step. */
export interface SettingsParts {
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly SandboxMount[];
  readonly files: readonly SandboxFile[];
}

export function settingsParts({ caBundle, proxies, files, env: further }: SandboxSettings): SettingsParts {
  const env: Record<string, string> = { ...further };
  for (const [name, value] of Object.entries(proxies ?? {})) {
    env[name.toUpperCase()] = value;
    env[name.toLowerCase()] = value;
  }
  const mounts = (files ?? []).map(({ source, target }) => ({ source, target, readOnly: true }));
  if (caBundle === undefined) return { env, mounts, files: [] };
  return {
    env: { ...BUNDLE_VARIABLES, ...env },
    mounts: [{ source: caBundle, target: BUNDLE, readOnly: true }, ...mounts],
    files: [
      { target: APT_SETTINGS, content: `Acquire::https::CaInfo "${BUNDLE}";\n` },
      { target: WGET_SETTINGS, content: `ca_certificate = ${BUNDLE}\n` },
    ],
  };
}
