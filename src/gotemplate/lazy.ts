/**
 * What is made when it is first asked for: tables of constants, and expressions with Unicode properties, of which V8 takes a
 * millisecond or two to look each up, while most runs never meet a letter beyond ASCII.
 */
export function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
