import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { test } from "node:test";
import type { GoObject, Value } from "../value.ts";
import { sprigFunctions } from "./functions.ts";

const functions = sprigFunctions({ now: () => new Date("2026-01-02T03:04:05Z") });

function call(name: string, ...args: readonly Value[]): Value {
  const found = functions.get(name);
  assert.ok(found, name);
  return found.call(...(args as never[])) as Value;
}

function parts(certificate: Value): { readonly cert: X509Certificate; readonly key: string } {
  const object = certificate as GoObject;
  return { cert: new X509Certificate(String(object.field("Cert"))), key: String(object.field("Key")) };
}

const ecKey = call("genPrivateKey", "ecdsa");

test("genSignedCertWithKey() makes a certificate that its authority has signed", () => {
  const authority = call("genCAWithKey", "my-ca", 36_500n, ecKey);
  const names = ["a.example", "*.example"];
  const addresses = ["10.0.0.1", "::1", "::ffff:1.2.3.4"];
  const signed = call(
    "genSignedCertWithKey",
    "é*",
    addresses,
    names,
    365n,
    authority,
    call("genPrivateKey", "ed25519"),
  );
  const [ca, leaf] = [parts(authority), parts(signed)];
  assert.equal(leaf.cert.verify(ca.cert.publicKey), true);
  assert.equal(leaf.cert.checkPrivateKey(createPrivateKey(leaf.key)), true);
  assert.equal(leaf.cert.subject, "CN=é*");
  assert.equal(leaf.cert.issuer, "CN=my-ca");
  assert.equal(
    leaf.cert.subjectAltName,
    "DNS:a.example, DNS:*.example, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:1.2.3.4",
  );
  assert.deepEqual(leaf.cert.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  assert.deepEqual([leaf.cert.ca, ca.cert.ca], [false, true]);
  assert.equal(leaf.cert.validTo, "Jan  2 03:04:05 2027 GMT");
  assert.equal(ca.cert.validTo, "Dec  9 03:04:05 2125 GMT");
});

test("genSelfSignedCert() makes an RSA key of 2048 bits and signs with it", () => {
  const { cert, key } = parts(call("genSelfSignedCert", "", [], ["x"], 1n));
  assert.match(
    key,
    /^-----BEGIN RSA PRIVATE KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END RSA PRIVATE KEY-----\n$/,
  );
  assert.equal(cert.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  assert.equal(cert.verify(cert.publicKey), true);
  assert.equal(cert.subject, undefined);
});

test("buildCustomCert() gives back what it was given", () => {
  const made = call("genCAWithKey", "x", 1n, ecKey) as GoObject;
  const [cert, key] = [String(made.field("Cert")), String(made.field("Key"))];
  const built = call("buildCustomCert", call("b64enc", cert), call("b64enc", key)) as GoObject;
  assert.deepEqual([built.field("Cert"), built.field("Key")], [cert, key]);
});

test("errors are those of Sprig", () => {
  const ca = call("genCAWithKey", "x", 1n, ecKey);
  const other = call("genCAWithKey", "y", 1n, call("genPrivateKey", "ed25519")) as GoObject;
  const mixed = {
    ...(ca as object),
    certificate: (ca as GoObject).field("Cert"),
    key: other.field("Key"),
  } as unknown as Value;
  const cases: readonly (readonly [string, () => unknown])[] = [
    ["error parsing ip: 1.2.3", () => call("genSelfSignedCertWithKey", "x", ["1.2.3"], [], 1n, ecKey)],
    ["error parsing ip: 5 is not a string", () => call("genSelfSignedCertWithKey", "x", [5], [], 1n, ecKey)],
    [
      "error processing alternate dns name: 1 is not a string",
      () => call("genSelfSignedCertWithKey", "x", [], [1n], 1n, ecKey),
    ],
    [
      'error creating certificate: x509: "é" cannot be encoded as an IA5String',
      () => call("genSelfSignedCertWithKey", "x", [], ["é"], 1n, ecKey),
    ],
    ["parsing private key: no PEM data in input", () => call("genCAWithKey", "x", 1n, "nope")],
    [
      "parsing private key: no private key data in PEM block of type CERTIFICATE",
      () => call("genCAWithKey", "x", 1n, String((ca as GoObject).field("Cert"))),
    ],
    [
      "error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey",
      () => call("genSignedCertWithKey", "x", [], [], 1n, mixed, ecKey),
    ],
  ];
  for (const [message, run] of cases) assert.throws(run, { message });
  assert.equal(call("genPrivateKey", "foo"), "Unknown type foo");
});
