import { SlipwayError } from "#errors";

/**
 * The proxy that the environment names for a URL: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` in either case, minus what
 * `NO_PROXY` lists (hosts, `.domains`, `host:port`, `*`). As with curl, capital `HTTP_PROXY` does not count in CGI programs.
 *
 * @throws {SlipwayError} HTTP_PROXY when it is no URL.
 */
export function proxyFor(url: URL, env: Readonly<Record<string, string | undefined>>): URL | undefined {
  const isPlain = url.protocol === "http:";
  const [plain, secure] = [
    ["http_proxy", "HTTP_PROXY"],
    ["https_proxy", "HTTPS_PROXY"],
  ] as const;
  const names = isPlain ? (env["REQUEST_METHOD"] === undefined ? plain : ["http_proxy"]) : secure;
  const name = [...names, "all_proxy", "ALL_PROXY"].find((one) => env[one] !== undefined) ?? "";
  const proxy = env[name] ?? "";
  if (proxy === "" || isExcepted(url, env["no_proxy"] ?? env["NO_PROXY"] ?? "")) return undefined;
  const address = proxy.includes("://") ? proxy : `http://${proxy}`;
  if (URL.canParse(address)) return new URL(address);
  throw new SlipwayError("HTTP_PROXY", `Cannot read the proxy that ${name} names: it is not a URL`, {
    hint: `Write it as in ${name}=http://proxy.example.com:3128`,
  });
}

function isExcepted(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === "localhost" || host === "::1" || host.startsWith("127.")) return true;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list.split(/[\s,]+/).some((item) => {
    if (item === "*") return true;
    const [, name = "", only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(item.toLowerCase()) ?? [];
    if (name === "" || (only !== undefined && only !== port)) return false;
    return host === name || host.endsWith(`.${name}`);
  });
}
