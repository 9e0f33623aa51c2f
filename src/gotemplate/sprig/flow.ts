import { define, type TemplateFunction } from "../function.ts";
import { deepEqual, kindName, truth, typeName } from "../inspect.ts";

export function flowFunctions(): readonly TemplateFunction[] {
  return [
    define("default", "func(interface {}, ...interface {}) interface {}", (fallback, given) =>
      truth(given) ? (given ?? null) : fallback,
    ),
    define("coalesce", "func(...interface {}) interface {}", (...values) => values.find(truth) ?? null),
    define("ternary", "func(interface {}, interface {}, bool) interface {}", (yes, no, condition) =>
      condition ? yes : no,
    ),
    define("empty", "func(interface {}) bool", (value) => !truth(value)),
    define("all", "func(...interface {}) bool", (...values) => values.every(truth)),
    define("any", "func(...interface {}) bool", (...values) => values.some(truth)),
    define("fail", "func(string) (string, error)", (message) => {
      throw new Error(message);
    }),
    define("typeOf", "func(interface {}) string", typeName),
    define("typeIs", "func(string, interface {}) bool", (type, value) => type === typeName(value)),
    define("typeIsLike", "func(string, interface {}) bool", (type, value) =>
      [type, `*${type}`].includes(typeName(value)),
    ),
    define("kindOf", "func(interface {}) string", kindName),
    define("kindIs", "func(string, interface {}) bool", (kind, value) => kind === kindName(value)),
    define("deepEqual", "func(interface {}, interface {}) bool", deepEqual),
  ];
}
