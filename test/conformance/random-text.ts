/**
 * Whether two renders are one but for what is random in them. What is random is not guessed from its look: helm renders
 * twice, and only where its own two outputs differ may ours differ too, in words of about the same length.
 */
export function isSameButRandom(ours: string, first: string, second: string): boolean {
  if (ours === first || ours === second) return true;
  if (first === second) return false;
  const [a, b, c] = [ours, first, second].map((text) => wordsOf(text)) as [string[], string[], string[]];
  if (a.length !== b.length || b.length !== c.length) return linesAreSame(ours, first, second);
  const same = b.every((word, at) => {
    const mine = a[at] ?? "";
    if (word === c[at]) return mine === word;
    return /^\w/.test(mine) && Math.abs(mine.length - word.length) <= Math.max(4, word.length / 20);
  });
  return same || linesAreSame(ours, first, second);
}

/** Where random text holds signs that end a word, or keys of other lengths wrap into more lines: whole lines count. */
function linesAreSame(ours: string, first: string, second: string): boolean {
  const [a, b, c] = [ours, first, second].map((text) => withoutKeys(text).split("\n")) as [
    string[],
    string[],
    string[],
  ];
  if (a.length !== b.length || b.length !== c.length) return false;
  return b.every((line, at) => {
    if (line === c[at]) return a[at] === line;
    const label = /^\s*(?:- )?[^\s:]+:/.exec(line)?.[0] ?? "";
    return a[at]?.startsWith(label) === true;
  });
}

function withoutKeys(text: string): string {
  return text.replaceAll(/(-----BEGIN ([\w ]+)-----)[A-Za-z0-9+/=\s]+(-----END \2-----)/g, "$1 … $3");
}

/** Letters and digits, with the signs of base64 and bcrypt, apart from what stands between. */
function wordsOf(text: string): string[] {
  return text.split(/([A-Za-z0-9+/=_$-]+)/);
}
