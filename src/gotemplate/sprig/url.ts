import { define, type TemplateFunction } from "../function.ts";
import { kindName } from "../inspect.ts";
import { quote } from "../strconv.ts";
import { GoMap } from "../value.ts";
import { fromByteText, toByteText } from "./text.ts";

export function urlFunctions(): readonly TemplateFunction[] {
  return [
    define("urlParse", "func(string) map[string]interface {}", urlParse),
    define("urlJoin", "func(map[string]interface {}) string", urlJoin),
  ];
}

/** As Go's `url.URL`; each text holds one character for each byte. */
interface Url {
  readonly scheme: string;
  readonly opaque: string;
  readonly user: User | undefined;
  readonly host: string;
  /** Unescaped, as is the fragment. */
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

interface User {
  readonly name: string;
  readonly password: string | undefined;
}

function urlParse(text: string): GoMap {
  const url = attempt(text, "unable to parse url");
  const parts = {
    scheme: url.scheme,
    host: url.host,
    hostname: hostnameOf(url.host),
    path: url.path,
    query: url.query,
    opaque: url.opaque,
    fragment: url.fragment,
    userinfo: url.user === undefined ? "" : userText(url.user),
  };
  return GoMap.of(Object.entries(parts).map(([name, value]) => [name, fromByteText(value)] as const));
}

function urlJoin(map: GoMap): string {
  const part = (name: string): string => {
    const value = map.get(name);
    if (value === undefined) return "";
    if (value === null) throw new Error("runtime error: invalid memory address or nil pointer dereference");
    if (typeof value === "string") return toByteText(value);
    throw new Error(`unable to parse ${name} key, must be of type string, but ${kindName(value)} found`);
  };
  const [scheme, host, path, query, opaque, fragment] = [
    "scheme",
    "host",
    "path",
    "query",
    "opaque",
    "fragment",
  ].map(part);
  const userinfo = part("userinfo");
  const user =
    userinfo === ""
      ? undefined
      : attempt(`proto://${fromByteText(userinfo)}@host`, "unable to parse userinfo in dict").user;
  return fromByteText(
    printUrl({
      scheme: scheme ?? "",
      host: host ?? "",
      path: path ?? "",
      query: query ?? "",
      opaque: opaque ?? "",
      fragment: fragment ?? "",
      user,
    }),
  );
}

function attempt(text: string, context: string): Url {
  const raw = toByteText(text);
  const at = raw.indexOf("#");
  const [address, fragment] = at < 0 ? [raw, ""] : [raw.slice(0, at), raw.slice(at + 1)];
  let failing = address;
  try {
    const url = parseUrl(address);
    failing = raw;
    return { ...url, fragment: unescape(fragment, "fragment") };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${context}: parse ${quote(fromByteText(failing))}: ${reason}`, { cause: error });
  }
}

function parseUrl(address: string): Url {
  if (/[\0-\x1f\x7f]/.test(address)) throw new Error("net/url: invalid control character in URL");
  const url = { scheme: "", opaque: "", user: undefined, host: "", path: "", query: "", fragment: "" };
  if (address === "*") return { ...url, path: "*" };
  if (address.startsWith(":")) throw new Error("missing protocol scheme");
  const [, schemePart, afterScheme = ""] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(address) ?? [];
  const scheme = (schemePart ?? "").toLowerCase();
  const [, rest = "", query = ""] = /^([^?]*)\??(.*)$/s.exec(afterScheme) ?? [];
  if (!rest.startsWith("/")) {
    if (scheme !== "") return { ...url, scheme, query, opaque: rest };
    if (/^[^/]*:/.test(rest)) throw new Error("first path segment in URL cannot contain colon");
  }
  if (!rest.startsWith("//") || (scheme === "" && rest.startsWith("///"))) {
    return { ...url, scheme, query, path: unescape(rest, "path") };
  }
  const [, authority = "", path = ""] = /^\/\/([^/]*)(.*)$/s.exec(rest) ?? [];
  return { ...url, scheme, query, ...parseAuthority(scheme, authority), path: unescape(path, "path") };
}

function parseAuthority(scheme: string, authority: string): Pick<Url, "user" | "host"> {
  const at = authority.lastIndexOf("@");
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at < 0) return { user: undefined, host };
  const userinfo = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new Error("net/url: invalid userinfo");
  const [, name = "", password] = /^([^:]*)(?::(.*))?$/s.exec(userinfo) ?? [];
  const user = {
    name: unescape(name, "user"),
    password: password === undefined ? undefined : unescape(password, "user"),
  };
  return { user, host };
}

function parseHost(scheme: string, host: string): string {
  const open = host.lastIndexOf("[");
  if (open > 0) throw new Error("invalid IP-literal");
  if (open === 0) return parseLiteral(host);
  const isStrict = scheme === "http" || scheme === "https";
  const colon = isStrict ? host.indexOf(":") : host.lastIndexOf(":");
  if (colon >= 0) checkPort(host.slice(colon));
  return unescape(host, "host");
}

/** `[fe80::1%25eth0]:8080` */
function parseLiteral(host: string): string {
  const close = host.lastIndexOf("]");
  if (close < 0) throw new Error("missing ']' in host");
  const port = host.slice(close + 1);
  checkPort(port);
  const name = host.slice(1, close);
  const zone = name.indexOf("%25");
  const address =
    zone < 0
      ? unescape(name, "host")
      : unescape(name.slice(0, zone), "host") + unescape(name.slice(zone), "zone");
  const { isIPv4, isIPv6 } = process.getBuiltinModule("node:net");
  if (isIPv4(address)) throw new Error("invalid IP-literal");
  if (!isIPv6(address.replace(/%.+$/s, "")))
    throw new Error(`invalid host: ParseAddr(${quote(fromByteText(address))}): unable to parse IP`);
  return `[${address}]${port}`;
}

function checkPort(port: string): void {
  if (!isOptionalPort(port)) throw new Error(`invalid port ${quote(fromByteText(port))} after host`);
}

function isOptionalPort(port: string): boolean {
  return port === "" || /^:[0-9]*$/.test(port);
}

function hostnameOf(host: string): string {
  const colon = host.lastIndexOf(":");
  const name = colon >= 0 && isOptionalPort(host.slice(colon)) ? host.slice(0, colon) : host;
  return name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name;
}

function printUrl(url: Url): string {
  let out = url.scheme === "" ? "" : `${url.scheme}:`;
  if (url.opaque !== "") {
    out += url.opaque;
  } else {
    if (url.host !== "" || url.user !== undefined || (url.scheme !== "" && url.path !== "")) {
      const user = url.user === undefined ? "" : `${userText(url.user)}@`;
      out += `//${user}${escape(url.host, "host")}`;
    }
    const path = url.path === "*" ? "*" : escape(url.path, "path");
    if (path !== "" && !path.startsWith("/") && url.host !== "") out += "/";
    if (out === "" && /^[^/]*:/.test(path)) out += "./";
    out += path;
  }
  if (url.query !== "") out += `?${url.query}`;
  return url.fragment === "" ? out : `${out}#${escape(url.fragment, "fragment")}`;
}

function userText(user: User): string {
  const name = escape(user.name, "user");
  return user.password === undefined ? name : `${name}:${escape(user.password, "user")}`;
}

type Part = "path" | "host" | "zone" | "user" | "fragment";

/** What each part may hold as it is, besides letters and digits. */
const PLAIN: Readonly<Record<Part, string>> = {
  path: "$&+,-./:;=@_~",
  host: "!\"$&'()*+,-.:;<=>[]_~",
  zone: "!\"$&'()*+,-.:;<=>[]_~",
  user: "$&+,-.;=_~",
  fragment: "!$&()*+,-./:;=?@_~",
};

function isPlain(byte: string, part: Part): boolean {
  return /[A-Za-z0-9]/.test(byte) || PLAIN[part].includes(byte);
}

function escape(text: string, part: Part): string {
  return text.replace(/[^A-Za-z0-9]/g, (byte) =>
    isPlain(byte, part) ? byte : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function unescape(text: string, part: Part): string {
  const isHost = part === "host" || part === "zone";
  return text.replace(/%(?:[0-9a-fA-F]{2})?|[^%]/gs, (found, at: number) => {
    if (found === "%") throw new Error(`invalid URL escape ${quote(fromByteText(text.slice(at, at + 3)))}`);
    if (found.length === 1) {
      if (!isHost || found >= "\x80" || isPlain(found, part)) return found;
      throw new Error(`invalid character ${quote(found)} in host name`);
    }
    const byte = String.fromCharCode(Number.parseInt(found.slice(1), 16));
    const isForbidden =
      part === "host" ? byte < "\x80" : part === "zone" && byte !== " " && !isPlain(byte, "host");
    if (isForbidden && found !== "%25") throw new Error(`invalid URL escape ${quote(found)}`);
    return byte;
  });
}
