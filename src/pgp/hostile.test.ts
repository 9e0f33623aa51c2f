import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SlipwayError } from "#errors";
import { mutatedBytes, seeded } from "#testing";
import { readKeyring } from "./keyring.ts";
import { packetsOf } from "./packets.ts";
import { verifyClearSigned } from "./verify.ts";

// Made by GnuPG 2.4 as in test/helm/keys.ts (Ada, Eve, Sue, who signs with a subkey, and others that are expired or
// revoked), but for the thief, whom OpenPGP.js 6.3 has made.
const file = (name: string): Buffer => readFileSync(join(import.meta.dirname, "testdata", name));
const now = new Date("2027-01-01T00:00:00Z");
const keyring = await readKeyring(file("keyring.gpg"));
const [ada, eve, sue] = ["ada.prov", "eve.prov", "sue.prov"].map((name) => file(name).toString()) as [
  string,
  string,
  string,
];
const TEXT = "name: lib\n- dashed\n\n...\nfiles:\n  lib-0.2.0.tgz: sha256:abc";

const MIDDLE = "SIGNATURE-----\n\n";
const [statement = ""] = eve.split(MIDDLE);
const packet = signatureOf(eve);

function signatureOf(text: string): Buffer {
  const [, armored = ""] = text.split(MIDDLE);
  return Buffer.from(armored.replace(/\n=[^]*/, ""), "base64");
}

function signedBy(...packets: readonly Uint8Array[]): string {
  const base64 = Buffer.concat(packets)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n");
  return `${statement}${MIDDLE}${base64}\n-----END PGP SIGNATURE-----\n`;
}

async function verdict(text: string, keys = keyring): Promise<string> {
  try {
    const signed = await verifyClearSigned(text, keys, now);
    assert.equal(signed.text, TEXT);
    return signed.by.names.join();
  } catch (error) {
    assert.ok(error instanceof SlipwayError && error.code === "PGP", String(error));
    return error.message;
  }
}

const EVE = "Eve <eve@example.com>";
const bytes = (...values: readonly number[]): Buffer => Buffer.from(values);
const patched = (at: number, value: number): Buffer =>
  Buffer.concat([packet.subarray(0, at), bytes(value), packet.subarray(at + 1)]);

test("packets that are no signature, or none that can be read, are passed over or refused as by Helm", async () => {
  const NOBODY = "openpgp: signature made by unknown entity";
  for (const [what, packets, expected] of [
    ["the signature", [packet], EVE],
    ["a marker before it", [bytes(0xca, 3, 0x50, 0x47, 0x50), packet], EVE],
    ["an unknown packet that may be ignored", [bytes(0xfc, 1, 0), packet], EVE],
    ["nothing else than such packets", [bytes(0xfc, 1, 0)], NOBODY],
    [
      "an unknown packet that may not",
      [bytes(0xe7, 1, 0), packet],
      "openpgp: unknown critical packet type: 39",
    ],
    [
      "the name of a user",
      [bytes(0xcd, 1, 0x61), packet],
      "openpgp: invalid data: non signature packet found",
    ],
    ["a signature of version 9", [patched(2, 9)], NOBODY],
    ["a signature of version 9 and a good one", [patched(2, 9), packet], EVE],
    ["an unknown algorithm", [patched(4, 99)], NOBODY],
    ["a certification", [patched(3, 0x10)], "openpgp: unsupported feature: unsupported signature type: 16"],
    ["junk after it", [packet, bytes(1, 1)], EVE],
    ["junk before it", [bytes(1), packet], "openpgp: invalid data: tag byte does not have MSB set"],
    ["a length of 4 GB", [bytes(0xc2, 0xff, 0xff, 0xff, 0xff, 0xff, 4, 0)], "unexpected EOF"],
    ["nothing", [], NOBODY],
    ["half of it", [packet.subarray(0, 50)], "unexpected EOF"],
  ] as const) {
    assert.equal(await verdict(signedBy(...packets)), expected, what);
  }
});

test("what stands around a signed text, or looks like one, is not taken for signed", async () => {
  const FORGED = "openpgp: invalid signature: EdDSA verification failure";
  const NONE = "failed to decode signature: signature block not found";
  const other = eve.replace("name: lib", "name: evil");
  for (const [what, text, expected] of [
    ["a text before it", `name: evil\n${eve}`, EVE],
    ["a text after it", `${eve}\nname: evil\n`, EVE],
    ["a forged one after it", eve + other, EVE],
    ["a forged one before it", other + eve, FORGED],
    ["a beginning before it", `-----BEGIN PGP SIGNED MESSAGE-----\n\nname: evil\n${eve}`, FORGED],
    ["a broken beginning before it", `-----BEGIN PGP SIGNED MESSAGE-----x\n\nname: evil\n${eve}`, NONE],
    ["an escape too many", eve.replace("- - dashed", "- - - dashed"), FORGED],
    ["an escape less", eve.replace("- - dashed", "- dashed"), FORGED],
    ["an escaped line", eve.replace("name: lib", "- name: lib"), EVE],
    ["blanks at an end", eve.replace("name: lib", "name: lib \t \r"), EVE],
    ["a carriage return in a line", eve.replace("name: lib", "name: lib\r\r"), FORGED],
    ["another end of line", eve.replace("name: lib", "name: lib\v"), FORGED],
    ["another hash in the header", eve.replace("SHA256", "SHA512"), EVE],
    ["a header that is none", eve.replace("Hash: SHA256", "Hash: SHA256\u00a0"), NONE],
    ["a blank line less", eve.replace("SHA256\n\n", "SHA256\n"), NONE],
    ["a mark of the signature in it", eve.replace("lib\n", "lib\n- -----BEGIN PGP SIGNATURE-----\n"), FORGED],
  ] as const) {
    assert.equal(await verdict(text), expected, what);
  }
});

test("a subkey that does not say whose it is signs for nobody", async () => {
  const stolen = file("stolen.prov").toString();
  const owner = await verifyClearSigned(stolen, await readKeyring(file("owner.gpg")), now);
  assert.deepEqual(owner.by.names, ["ada <ada@x.y>"]);
  await assert.rejects(readKeyring(file("thief.gpg")), {
    code: "PGP",
    message:
      "openpgp: invalid data: subkey signature invalid: openpgp: invalid data: signing subkey is missing cross-signature",
  });
  const both = await readKeyring(Buffer.concat([file("thief.gpg"), file("owner.gpg")]));
  assert.deepEqual(
    both.map(({ names }) => names),
    [["ada <ada@x.y>"]],
  );
});

test("keys of one short name are all tried, and one that is too large for DSA is refused unused", async () => {
  assert.equal(await verdict(eve, [...keyring, ...keyring]), EVE);
  await assert.rejects(readKeyring(dsaKey(16_384)), {
    message: "openpgp: unsupported feature: a DSA key of 16384 and 16384 bits",
  });
});

/** A public key with numbers of one size, and a name. */
function dsaKey(bits: number): Buffer {
  const numbers = Array.from({ length: 4 }, () => [
    bytes(bits >> 8, bits & 255),
    Buffer.alloc(bits / 8, 0xa7),
  ]);
  const body = Buffer.concat([bytes(4, 0, 0, 0, 0, 17), ...numbers.flat()]);
  const head = bytes(0xc6, 0xff, 0, 0, 0, 0);
  head.writeUInt32BE(body.length, 2);
  return Buffer.concat([head, body, bytes(0xcd, 1, 0x61)]);
}

test("long lines, many packets and many headers are read once", async () => {
  const blanks = " ".repeat(1_000_000);
  for (const text of [
    eve.replace("name: lib", `name: lib${blanks}x`),
    eve.replace(MIDDLE, `SIGNATURE-----\nComment: ${"a:".repeat(500_000)}\n\n`),
    eve.replace(MIDDLE, `SIGNATURE-----\n${"A: b\n".repeat(300_000)}\n`),
    eve.replace(MIDDLE, `SIGNATURE-----\nA: ${blanks}x\n\n`),
    eve.replace("Hash:", `${blanks}Hash:`),
    eve.replace("Hash: SHA256", `Hash: ${"SHA256,".repeat(200_000)}`),
    signedBy(...Array.from({ length: 50_000 }, () => bytes(0xca, 3, 0x50, 0x47, 0x50)), packet),
    signedBy(...Array.from({ length: 5000 }, () => patched(60, 0)), packet),
    signedBy(Buffer.concat([bytes(0xc2), Buffer.alloc(10_000_000, 0xe0)])),
  ]) {
    await verdict(text);
  }
});

const PIECES = [
  [0xff, 0xff, 0xff, 0xff, 0xff],
  [0xca, 3, 0x50, 0x47, 0x50],
  [0xc2, 0xe0],
  [0x9b],
  [0xff],
  [0],
  [0xb4, 0],
  [0x88, 0],
  [0x0d],
  [0x0a, 0x2d, 0x20],
];

test("a broken signature or text is verified as what it was, or refused with an error of its own", async () => {
  const next = seeded(20_261_128);
  const provenances = [ada, eve, sue];
  let verified = 0;
  for (let round = 0; round < 800; round++) {
    const text = provenances[next(3)] ?? "";
    const said =
      next(2) === 0
        ? await verdict(mutatedBytes(Buffer.from(text), PIECES, next).toString())
        : await verdict(signedBy(mutatedBytes(signatureOf(text), PIECES, next)));
    if (said.endsWith("@example.com>")) verified++;
  }
  assert.ok(verified > 8 && verified < 400, `${verified} of 800 were verified`);
});

test("a broken keyring is read or refused with an error of its own", async () => {
  const next = seeded(7);
  const blocks = [...packetsOf(file("keyring.gpg"))];
  for (let round = 0; round < 150; round++) {
    const at = next(blocks.length);
    const broken = blocks.map((one, index) =>
      index === at ? mutatedBytes(one.bytes, PIECES, next) : one.bytes,
    );
    try {
      await verdict(sue, await readKeyring(Buffer.concat(broken)));
    } catch (error) {
      assert.ok(error instanceof SlipwayError && error.code === "PGP", String(error));
    }
  }
});
