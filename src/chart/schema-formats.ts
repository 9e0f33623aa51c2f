/** Loaded when first used: hardly a schema asks for addresses. */
const net = () => process.getBuiltinModule("node:net");

// oxlint-disable-next-line no-control-regex -- Go refuses exactly these
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * The formats that the validator of Helm knows. One that is missing here is not checked: `duration`, `period`, `time`,
 * `uri-template`, `semver` and the JSON pointers.
 */
export const SCHEMA_FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  "date-time": (text) => {
    const parts = /^(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.exec(
      text,
    );
    return parts !== null && isDate(parts[1] ?? "");
  },
  email: isEmail,
  hostname: isHostname,
  ipv4: (text) => net().isIPv4(text),
  ipv6: (text) => net().isIPv6(text) && !text.includes("%"),
  iri: isAbsoluteAddress,
  "iri-reference": isAddress,
  uri: isAbsoluteAddress,
  "uri-reference": isAddress,
  uuid: (text) => /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(text),
};

function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (parts === null) return false;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isHostname(text: string): boolean {
  const name = text.replace(/\.$/, "");
  return name.length <= 253 && name.split(".").every((label) => /^(?!-)[A-Za-z\d-]{1,63}(?<!-)$/.test(label));
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  if (at < 0 || text.length > 254 || local.length > 64) return false;
  const isQuoted = /^".*"$/s.test(local);
  if (isQuoted && /["\\]/.test(local.slice(1, -1))) return false;
  if (!isQuoted && !/^(?:(?!\.)[\w.!#$%&'*+/=?^`{|}~-]*(?<!\.))$/.test(local)) return false;
  if (!isQuoted && local.includes("..")) return false;
  const literal = /^\[(IPv6:)?(.*)\]$/.exec(domain);
  if (literal === null) return isHostname(domain);
  return literal[1] === undefined ? net().isIPv4(literal[2] ?? "") : net().isIPv6(literal[2] ?? "");
}

/** The same, of which the scheme is a part. */
export function isAbsoluteAddress(text: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(text) && isUrl(text);
}

function isAddress(text: string): boolean {
  return !text.includes("\\") && isUrl(text);
}

/** What Go's url.Parse takes. */
export function isUrl(text: string): boolean {
  if (CONTROL.test(text)) return false;
  const [path = ""] = text.split("?", 1);
  if (/%(?![\da-f]{2})/i.test(path)) return false;
  const scheme = /^[a-z][a-z\d+.-]*:/i.exec(path)?.[0];
  const rest = path.slice(scheme?.length ?? 0);
  if (scheme === undefined && /^[^/]*:/.test(rest)) return false;
  const authority = /^\/\/([^/#]*)/.exec(rest)?.[1];
  return (
    authority === undefined ||
    /^(?:[^\s@]*@)?(?:\[[\da-f:.]+\]|[^\s:[\]<>"{}|\\^`]*)(?::\d*)?$/i.test(authority)
  );
}
