/**
 * The proxy that the environment names for a URL: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` in either case, minus what
 * `NO_PROXY` lists (hosts, `.domains`, `host:port`, `*`). As with curl, capital `HTTP_PROXY` does not count in CGI programs.
 */
export function proxyFor(url: URL, env: Readonly<Record<string, string | undefined>>): URL | undefined {
  const read = (name: string): string | undefined => env[name] ?? env[name.toUpperCase()];
  const isPlain = url.protocol === "http:";
  const named =
    isPlain && env["REQUEST_METHOD"] !== undefined
      ? env["http_proxy"]
      : read(isPlain ? "http_proxy" : "https_proxy");
  const proxy = named ?? read("all_proxy");
  if (proxy === undefined || proxy === "" || isExcepted(url, read("no_proxy") ?? "")) return undefined;
  return new URL(proxy.includes("://") ? proxy : `http://${proxy}`);
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
