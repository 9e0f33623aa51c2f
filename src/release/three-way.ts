import type { Shape } from "./list-shapes.ts";
import { isSameQuantity } from "./quantity.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * What an object should become. What the chart names is as the chart says; what an earlier chart named and this one does not
 * is gone; everything else stays as it is live.
 *
 * @param earlier the object in the manifests since the last one that was deployed.
 */
export function mergeThree(
  earlier: readonly unknown[],
  wanted: unknown,
  live: unknown,
  shape: Shape | undefined,
): unknown {
  if (isMap(wanted) && isMap(live)) return mergeMaps(earlier.filter(isMap), wanted, live, shape);
  if (Array.isArray(wanted) && Array.isArray(live)) {
    return mergeLists(
      earlier.filter((each) => Array.isArray(each)),
      wanted,
      live,
      shape,
    );
  }
  if (shape?.isQuantity && isSameQuantity(wanted, live)) return live;
  return withoutNulls(wanted);
}

function mergeMaps(
  earlier: readonly Fields[],
  wanted: Fields,
  live: Fields,
  shape: Shape | undefined,
): Fields {
  const merged: Record<string, unknown> = { ...live };
  for (const old of earlier) {
    for (const key of Object.keys(old)) if (!isNamed(wanted, key)) delete merged[key];
  }
  for (const key of Object.keys(wanted)) {
    if (!isNamed(wanted, key)) continue;
    const inner = shape?.fields?.[key] ?? (shape?.keys === undefined ? shape?.items : undefined);
    if (isNamed(live, key)) {
      merged[key] = mergeThree(
        earlier.flatMap((old) => (isNamed(old, key) ? [old[key]] : [])),
        wanted[key],
        live[key],
        inner,
      );
    } else if (!isEmptyByDefault(key, wanted[key])) {
      merged[key] = withoutNulls(wanted[key]);
    }
  }
  if (!shape?.isUnion || isSame(merged, live)) return merged;
  return Object.fromEntries(Object.entries(merged).filter(([key]) => isNamed(wanted, key)));
}

function mergeLists(
  earlier: readonly (readonly unknown[])[],
  wanted: readonly unknown[],
  live: readonly unknown[],
  shape: Shape | undefined,
): readonly unknown[] {
  if (shape?.isSet) {
    const dropped = new Set(earlier.flat());
    return [
      ...live.filter((item) => wanted.includes(item) || !dropped.has(item)),
      ...wanted.filter((item) => !live.includes(item)),
    ];
  }
  if (shape?.keys !== undefined) {
    const merged = mergeKeyed(earlier, wanted, live, shape.keys, shape.items);
    if (merged !== undefined) return merged;
  }
  return mergeWhole(earlier, wanted, live, shape?.items);
}

/** Undefined when the items cannot be told apart. */
function mergeKeyed(
  earlier: readonly (readonly unknown[])[],
  wanted: readonly unknown[],
  live: readonly unknown[],
  keys: NonNullable<Shape["keys"]>,
  items: Shape | undefined,
): readonly unknown[] | undefined {
  const wantedByKey = indexed(wanted, keys);
  const liveByKey = indexed(live, keys);
  const earlierByKey = earlier.map((list) => indexed(list, keys));
  if (wantedByKey === undefined || liveByKey === undefined) return undefined;

  const merged = new Map<string, unknown>();
  for (const [key, item] of wantedByKey) {
    const old = earlierByKey.flatMap((index) => (index?.has(key) ? [index.get(key)] : []));
    merged.set(
      key,
      liveByKey.has(key) ? mergeThree(old, item, liveByKey.get(key), items) : withoutNulls(item),
    );
  }
  const order = [...wantedByKey.keys()];
  let before = -1;
  for (const [key, item] of liveByKey) {
    const at = order.indexOf(key);
    if (at >= 0) {
      before = at;
      continue;
    }
    if (earlierByKey.some((index) => index?.has(key))) continue;
    order.splice(before + 1, 0, key);
    merged.set(key, item);
    before++;
  }
  return order.map((key) => merged.get(key));
}

/** A list that is one value: the live one if it only has defaults beside what is wanted, else the wanted one. */
function mergeWhole(
  earlier: readonly (readonly unknown[])[],
  wanted: readonly unknown[],
  live: readonly unknown[],
  items: Shape | undefined,
): readonly unknown[] {
  if (wanted.length === live.length) {
    const merged = wanted.map((item, at) =>
      mergeThree(
        earlier.flatMap((old) => (at in old ? [old[at]] : [])),
        item,
        live[at],
        items,
      ),
    );
    if (isSame(merged, live)) return live;
  }
  return wanted.map(withoutNulls);
}

function indexed(
  list: readonly unknown[],
  keys: NonNullable<Shape["keys"]>,
): Map<string, unknown> | undefined {
  const index = new Map<string, unknown>();
  for (const item of list) {
    if (!isMap(item)) return undefined;
    const parts = Object.entries(keys).map(([key, standing]) => item[key] ?? standing);
    const text = JSON.stringify(parts);
    if (parts[0] === undefined || index.has(text)) return undefined;
    index.set(text, item);
  }
  return index;
}

/**
 * The RFC 7386 patch that makes `target` of `live`, or undefined when they are the same.
 */
export function mergePatch(live: unknown, target: unknown): unknown {
  if (!isMap(live) || !isMap(target)) return isSame(live, target) ? undefined : target;
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(live)) if (target[key] === undefined) patch[key] = null;
  for (const key of Object.keys(target)) {
    const change = live[key] === undefined ? target[key] : mergePatch(live[key], target[key]);
    if (change !== undefined) patch[key] = change;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Whether a patch replaces a list, so that it is right only for the version it was made from. */
export function hasLists(patch: unknown): boolean {
  if (Array.isArray(patch)) return true;
  return isMap(patch) && Object.values(patch).some(hasLists);
}

/** Deep equality of JSON data; the order of keys does not matter. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => isSame(item, b[at]));
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && isSame(a[key], b[key]));
}

/** `null` in a manifest names nothing. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      item === null || item === undefined ? [] : [[key, withoutNulls(item)]],
    ),
  );
}

/** The API leaves these out when they are empty, so their absence is what was wanted. */
const OMITTED_WHEN_EMPTY = new Set([
  "annotations",
  "labels",
  "nodeSelector",
  "data",
  "binaryData",
  "matchLabels",
  "limits",
  "requests",
]);

function isEmptyByDefault(key: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isMap(value) && OMITTED_WHEN_EMPTY.has(key) && Object.keys(value).length === 0;
}

function isNamed(fields: Fields, key: string): boolean {
  return Object.hasOwn(fields, key) && fields[key] !== null && fields[key] !== undefined;
}

export function isMap(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
