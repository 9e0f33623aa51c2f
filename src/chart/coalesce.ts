import { GoMap, printValue, sprintf, type Value } from "#gotemplate";
import { SlipwayError } from "#errors";
import type { Chart } from "./chart.ts";
import { copyMap, copyValue, isTable } from "./go-values.ts";

export interface CoalesceOptions {
  /** Keeps keys whose value is null, for values that are coalesced once more later. */
  readonly keepNulls?: boolean;
  /** Called for what Helm warns of on the standard error. */
  readonly onWarning?: (message: string) => void;
}

const GLOBAL = "global";

/**
 * The values that a chart and the charts below it see: the user's over the parent's over the chart's own. Neither the
 * chart nor `values` is changed.
 *
 * @throws {SlipwayError} VALUES_INVALID when the values of a subchart are not a map.
 * @see `chartutil.CoalesceValues` and `chartutil.MergeValues` of Helm 3
 */
export function coalesceValues(chart: Chart, values: GoMap, options: CoalesceOptions = {}): GoMap {
  const coalescing = new Coalescing(options.keepNulls === true, options.onWarning ?? (() => {}));
  return coalescing.chart(chart, copyMap(values), "");
}

/** Merges `source` into `target`, whose values win. */
export function coalesceTables(target: GoMap, source: GoMap, options: CoalesceOptions = {}): GoMap {
  const coalescing = new Coalescing(options.keepNulls === true, options.onWarning ?? (() => {}));
  return coalescing.tables(target, source, "", options.keepNulls === true, asItIs);
}

class Coalescing {
  readonly #keepNulls: boolean;
  readonly #warn: (message: string) => void;

  constructor(keepNulls: boolean, warn: (message: string) => void) {
    this.#keepNulls = keepNulls;
    this.#warn = warn;
  }

  chart(chart: Chart, target: GoMap, prefix: string): GoMap {
    this.#defaults(chart, target, prefix);
    const below = join(prefix, chart.metadata.name);
    for (const child of chart.dependencies) {
      const { name } = child.metadata;
      const existing = target.get(name);
      if (existing !== undefined && !isTable(existing)) {
        throw new SlipwayError("VALUES_INVALID", sprintf("type mismatch on %s: %t", [name, existing]));
      }
      const own = existing ?? new GoMap();
      target.set(name, own);
      this.#globals(own, target, below);
      this.chart(child, own, below);
    }
    return target;
  }

  /** Adds the chart's own values below those that are there. */
  #defaults(chart: Chart, target: GoMap, prefix: string): void {
    const path = join(prefix, chart.metadata.name);
    const children = new Set(chart.dependencies.map((child) => child.metadata.name));
    chart.values.forEach((value, key) => {
      const existing = target.get(key);
      if (existing === undefined) target.set(key, copyValue(value));
      else if (existing === null) {
        if (!this.#keepNulls) target.delete(key);
      } else if (isTable(existing)) {
        if (isTable(value)) {
          const keepNulls = children.has(key) || this.#keepNulls;
          this.tables(existing, value, join(path, key), keepNulls, copyValue);
        } else if (value !== null) this.#warn(`warning: skipped value for ${path}.${key}: Not a table.`);
      }
    });
  }

  /** The parent's globals win over the child's. */
  #globals(target: GoMap, source: GoMap, prefix: string): void {
    const own = target.get(GLOBAL) ?? (target.has(GLOBAL) ? null : new GoMap());
    if (!isTable(own)) {
      this.#warn(`warning: skipping globals because destination ${GLOBAL} is not a table.`);
      return;
    }
    const given = source.get(GLOBAL) ?? (source.has(GLOBAL) ? null : new GoMap());
    if (!isTable(given)) {
      this.#warn(`warning: skipping globals because source ${GLOBAL} is not a table.`);
      return;
    }
    for (const [key, value] of given) {
      const existing = own.get(key);
      if (isTable(value)) {
        const table = GoMap.of(value);
        if (existing === undefined) own.set(key, table);
        else if (isTable(existing))
          own.set(key, this.tables(table, existing, join(prefix, key), true, asItIs));
        else this.#warn(`Conflict: cannot merge map onto non-map for ${JSON.stringify(key)}. Skipping.`);
      } else if (isTable(existing)) this.#warn(`key ${key} is table. Skipping`);
      else own.set(key, value);
    }
    target.set(GLOBAL, own);
  }

  /** @param take makes of a value of the source what the target may keep. */
  tables(
    target: GoMap,
    source: GoMap,
    prefix: string,
    keepNulls: boolean,
    take: (value: Value) => Value,
  ): GoMap {
    source.forEach((value, key) => {
      const path = join(prefix, key);
      const existing = target.get(key);
      if (existing === undefined) target.set(key, take(value));
      else if (existing === null) {
        // A null given by the user takes away the default; where there is none it stays.
        if (!keepNulls && value !== null) target.delete(key);
      } else if (isTable(value)) {
        if (isTable(existing)) this.tables(existing, value, path, keepNulls, take);
        else this.#warn(`warning: cannot overwrite table with non table for ${path} (${printValue(value)})`);
      } else if (isTable(existing) && value !== null) {
        this.#warn(
          `warning: destination for ${path} is a table. Ignoring non-table value (${printValue(value)})`,
        );
      }
    });
    return target;
  }
}

function asItIs(value: Value): Value {
  return value;
}

function join(prefix: string, key: string): string {
  return prefix === "" ? key : `${prefix}.${key}`;
}
