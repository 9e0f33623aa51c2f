import { byteLength, sprintf } from "#gotemplate";

/**
 * What is wrong with the name of an object of a kind, in Kubernetes' words; undefined for a name that will do.
 *
 * @see k8s.io/apimachinery 0.37, pkg/api/validation
 */
export function nameFault(kind: string, name: string): string | undefined {
  const faults = faultsOf(kind.toLowerCase(), name).map((fault) =>
    sprintf("metadata.name: Invalid value: %q: %s", [name, fault]),
  );
  return faults.length > 1 ? `[${faults.join(", ")}]` : faults[0];
}

function faultsOf(kind: string, name: string): string[] {
  if (kind === "certificatesigningrequest") return [];
  if (/^(?:cluster)?role(?:binding)?$/.test(kind)) {
    if (name === "." || name === "..") return [`may not be '${name}'`];
    return ["/", "%"].filter((one) => name.includes(one)).map((one) => `may not contain '${one}'`);
  }
  const form = FORMS[kind] ?? SUBDOMAIN;
  const { pattern, longest, rule, example } = form;
  const faults = byteLength(name) > longest ? [`must be no more than ${longest} characters`] : [];
  if (fits(name, form)) return faults;
  const hasDotsOnly = form === LABEL && fits(name, SUBDOMAIN);
  const fault = `${rule} (e.g. ${example} regex used for validation is '${pattern}')`;
  return [...faults, hasDotsOnly ? "must not contain dots" : fault];
}

function fits(name: string, { pattern }: NameForm): boolean {
  return new RegExp(`^${pattern}$`).test(name);
}

/** What a name must look like, with Kubernetes' words for one that does not. */
interface NameForm {
  readonly pattern: string;
  readonly longest: number;
  readonly rule: string;
  readonly example: string;
}

const SUBDOMAIN: NameForm = {
  pattern: "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
  longest: 253,
  rule: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  example: "'example.com',",
};
const LABEL: NameForm = {
  pattern: "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
  longest: 63,
  rule: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  example: "'my-name',  or '123-abc',",
};
const OLD_LABEL: NameForm = {
  pattern: "[a-z]([-a-z0-9]*[a-z0-9])?",
  longest: 63,
  rule: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  example: "'my-name',  or 'abc-123',",
};
const FORMS: Readonly<Record<string, NameForm>> = { namespace: LABEL, service: OLD_LABEL };
