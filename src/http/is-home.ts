/** Whether what belongs to one server may be shown to an address: the same host, and never in the clear what was meant to be sealed. */
export function isHome(home: URL, asked: URL): boolean {
  return asked.host === home.host && (asked.protocol === home.protocol || asked.protocol === "https:");
}
