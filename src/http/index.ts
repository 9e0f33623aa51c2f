/**
 * HTTP for the rooms that speak to servers: kept-alive connections, proxies from the environment, extra certificate
 * authorities, one retry rule. No redirect is followed unasked and no status is an error here; that is the caller's trade.
 */
export type { HttpClient, HttpRequest, HttpResponse, HttpSettings } from "./client.ts";
export { openHttp } from "./open.ts";
export { isPassing, retrying, type RetryOptions } from "./retrying.ts";
export { isHome } from "./is-home.ts";
export { proxyFor } from "./proxy.ts";
