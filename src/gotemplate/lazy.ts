/**
 * What is made when it is first asked for. For expressions with Unicode properties: V8 takes a millisecond or two to look
 * each of them up, and most runs never meet a letter beyond ASCII.
 */
export function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
