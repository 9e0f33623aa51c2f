/**
 * OpenPGP as Helm uses it: keyrings of public or secret keys in GnuPG's binary form, and cleartext signatures made with
 * them or checked against them. The library behind it is read with the first key; messages of errors are those of Go's.
 */
export { readKeyring, findKey, type Keyring, type PgpKey } from "./keyring.ts";
export { clearSign } from "./clear-sign.ts";
export { verifyClearSigned, type Signed } from "./verify.ts";
