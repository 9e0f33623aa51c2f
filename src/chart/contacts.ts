import { isUrl } from "./schema-formats.ts";

/** Where helm lint takes a text for that of a place in the web; the scheme may be left out where the host has a dot. */
export function isWebsite(text: string): boolean {
  const website =
    /^(?:(?:ftp|tcp|udp|wss?|https?):\/\/)?(?:\S+@)?(?:\[[\da-f:.]+\]|[\p{L}\d](?:[\p{L}\d._-]*[\p{L}\d])?)\.?(?::\d{1,5})?(?:[/?#]\S*)?$/iu;
  if (text.length <= 3 || text.length >= 2083 || !website.test(text)) return false;
  const address = text.includes(":") && !text.includes("://") ? `http://${text}` : text;
  return isUrl(address) && (address.includes("://") || (address.split(/[?#]/, 1)[0] ?? "").includes("."));
}

/** Where helm lint takes a text for an address of e-mail. */
export function isMailbox(text: string): boolean {
  const mailbox =
    /^(?:[\w!#$%&'*+/=?^`{|}~\u00a0-\uffef-]+(?:\.[\w!#$%&'*+/=?^`{|}~\u00a0-\uffef-]+)*|"[^"\\]*")@(?:[a-z\d\u00a0-\uffef](?:[\w~\u00a0-\uffef-]*[a-z\d\u00a0-\uffef])?\.)+[a-z\u00a0-\uffef](?:[\w~\u00a0-\uffef-]*[a-z\u00a0-\uffef])?\.?$/i;
  return mailbox.test(text);
}
