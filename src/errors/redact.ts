const USER_INFO = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s/@:]+):([^\s/@]+)@/gi;
const BEARER = /\b(bearer|basic)\s+(?!credential\b)[a-z0-9._~+/=-]{8,}/gi;

/** The text without passwords in URLs and without authorization headers. */
export function redact(text: string): string {
  return text.replace(USER_INFO, "$1$2:***@").replace(BEARER, "$1 ***");
}

/** The URL without its user and password. */
export function redactUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}
