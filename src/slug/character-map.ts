/**
 * What each non-ASCII character becomes in a slug: Latin with diacritics, ligatures, full width, circled letters, Cyrillic.
 * Right column: code points in hex, ranges inclusive. What is not listed is dropped.
 */
const NON_ASCII: readonly (readonly [text: string, codePoints: string])[] = [
  ["", "042A 042C 044A 044C"],
  ["0", "24EA"],
  ["2", "00B2"],
  ["3", "00B3"],
  ["9", "2490"],
  [
    "a",
    "00C0-00C5 00E0-00E5 0100-0105 01CD 01CE 01DE-01E1 01FA 01FB 0200-0203 0226 0227 023A 0251 0410 " +
      "0430 1D00 1E00 1E01 1E9A 1EA0-1EB7 2090 212B 249C 24B6 24D0 FF21 FF41",
  ],
  ["b", "00DF 0180 0181 0184 0185 0243 0411 0431 1D03 1E02-1E07 212C 249D 24B7 24D1 FF22 FF42"],
  [
    "c",
    "00C7 00E7 0106-010D 0187 0188 023B 023C 0426 0446 1D04 1E08 1E09 2102-2104 249E 24B8 24D2 FF23 " +
      "FF43",
  ],
  ["d", "00D0 010E-0111 0189 018A 0257 0414 0434 1D05 1D06 1E0A-1E13 249F 24B9 24D3 FF24 FF44"],
  [
    "e",
    "00C8-00CB 00E8-00EB 0112-011B 0190 01DD 0204-0207 0228 0229 0246 0247 042D 044D 1D07 1E14-1E1D " +
      "1EB8-1EC7 2091 212E 212F 24A0 24BA 24D4 FF25 FF45",
  ],
  ["f", "0191 0192 0424 0444 1E1E 1E1F 2109 24A1 24BB 24D5 A730 FF26 FF46"],
  ["g", "011C-0123 0193 01E4-01E7 01F4 01F5 0260-0262 0413 0433 1E20 1E21 210A 24A2 24BC 24D6 FF27 FF47"],
  ["h", "0124-0127 021E 021F 0425 0445 1E22-1E2B 1E96 210B-210F 24A3 24BD 24D7 FF28 FF48"],
  [
    "i",
    "00CC-00CF 00EC-00EF 0128-012F 0196 0197 01CF 01D0 0208-020B 0418 0438 1E2C-1E2F 24A4 24BE 24D8 " +
      "FF29 FF49",
  ],
  ["j", "0134 0135 01F0 0237 0248 0249 0419 0439 1D0A 24A5 24BF 24D9 FF2A FF4A"],
  ["k", "0136-0138 0198 0199 01E8 01E9 041A 043A 1D0B 1E30-1E35 212A 24A6 24C0 24DA FF2B FF4B"],
  ["l", "0130 0131 0139-0142 023D 023E 041B 043B 1D0C 1E36-1E3D 24A7 24C1 24DB FF2C FF4C"],
  ["m", "0271 041C 043C 1D0D 1E3E-1E43 24A8 24C2 24DC FF2D FF4D"],
  [
    "n",
    "00D1 00F1 0143-014B 019D 019E 01F8 01F9 0220 041D 043D 1D0E 1E44-1E4B 2115 24A9 24C3 24DD FF2E " +
      "FF4E",
  ],
  [
    "o",
    "00D2-00D6 00D8 00F0 00F2-00F6 00F8 014C-0151 019F-01A1 01D1 01D2 01EA-01ED 01FE 01FF 020C-020F " +
      "022A-0231 0275 041E 043E 1D0F 1E4C-1E53 1ECC-1EE3 2092 24AA 24C4 24DE FF2F FF4F",
  ],
  ["p", "01A4 01A5 041F 043F 1E54-1E57 2117 2119 24AB 24C5 24DF FF30 FF50"],
  ["q", "01BC 01BD 024A 024B 211A 24AC 24C6 24E0 FF31 FF51"],
  ["r", "0154-0159 01A6 0210-0213 024C 024D 0420 0440 1E58-1E5F 211B-211D 211F 24AD 24C7 24E1 FF32 FF52"],
  ["s", "015A-0161 017F 01A7-01A9 0218 0219 023F 0421 0441 1E60-1E69 24AE 24C8 24E2 A731 FF33 FF53"],
  ["t", "0162-0167 01AA-01AE 021A 021B 0422 0442 1E6A-1E71 1E97 24AF 24C9 24E3 FF34 FF54"],
  [
    "u",
    "00B5 00D9-00DC 00F9-00FC 0168-0173 01AF-01B2 01D3-01DC 0214-0217 0244 0423 0443 1E72-1E7B " +
      "1EE4-1EF1 24B0 24CA 24E4 FF35 FF55",
  ],
  ["v", "0245 0412 0432 1E7C-1E7F 24B1 24CB 24E5 FF36 FF56"],
  ["w", "0174 0175 019C 026F 1E80-1E89 1E98 24B2 24CC 24E6 FF37 FF57"],
  ["x", "00D7 1E8A-1E8D 2093 24B3 24CD 24E7 FF38 FF58"],
  [
    "y",
    "00DD 00FD 00FF 0176-0178 0232 0233 024E 024F 042B 044B 1E8E 1E8F 1E99 1EF2-1EF9 24B4 24CE 24E8 " +
      "FF39 FF59",
  ],
  ["z", "0179-017E 01B5-01B7 0224 0225 0240 0417 0437 1E90-1E95 2124 24B5 24CF 24E9 FF3A FF5A"],
  ["10", "2491"],
  ["11", "2492"],
  ["12", "2493"],
  ["13", "2494"],
  ["14", "2495"],
  ["15", "2496"],
  ["16", "2497"],
  ["17", "2498"],
  ["18", "2499"],
  ["19", "249A"],
  ["20", "249B"],
  ["aa", "A732 A733"],
  ["ac", "2100"],
  ["ae", "00C6 00E6 01E2 01E3 01FC 01FD 1D01 1D02"],
  ["af", "A73A-A73D"],
  ["aj", "A736 A737"],
  ["ao", "A734 A735"],
  ["as", "2101"],
  ["av", "A738 A739"],
  ["ch", "0427 0447"],
  ["co", "2105"],
  ["cu", "2106"],
  ["db", "0238"],
  ["dz", "01C4-01C6 01F1-01F3"],
  ["ij", "0132 0133"],
  ["lj", "01C7-01C9"],
  ["nd", "018B 018C"],
  ["nj", "01CA-01CC"],
  ["oe", "0152 0153 0276"],
  ["px", "211E"],
  ["qp", "0239"],
  ["sh", "0428 0448"],
  ["sm", "2120"],
  ["th", "00DE 00FE"],
  ["tm", "2122"],
  ["ya", "042F 044F"],
  ["ye", "0415 0435"],
  ["yo", "0401 0451"],
  ["yu", "042E 044E"],
  ["zh", "0416 0436"],
  ["tel", "2121"],
  ["shch", "0429 0449"],
];

const ASCII_DASHES = " &()+,-./:;<=>[]_{}~";
const WIDE_DASHES = "\uff3f\uff5e";

/** Character → its text in a slug; no entry: the character is dropped. */
export const CHARACTER_MAP: ReadonlyMap<string, string> = characterMap();

function characterMap(): Map<string, string> {
  const map = new Map<string, string>();
  for (const character of "0123456789abcdefghijklmnopqrstuvwxyz") {
    map.set(character, character);
    map.set(character.toUpperCase(), character);
  }
  for (const character of ASCII_DASHES + WIDE_DASHES) map.set(character, "-");
  for (const [text, codePoints] of NON_ASCII) {
    for (const range of codePoints.split(" ")) {
      const [first = "", last = first] = range.split("-");
      for (let point = parseInt(first, 16); point <= parseInt(last, 16); point++) {
        map.set(String.fromCodePoint(point), text);
      }
    }
  }
  return map;
}
