import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { APP, BROKEN, LIB } from "./charts.ts";
import { sideBySide } from "./side-by-side.ts";

test("helm lint says what Helm's says", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, { ...LIB, ...APP, ...BROKEN });
  for (const line of [
    "lint",
    "lint none",
    "lint lib yaml fail end version old",
    "lint lib old --quiet",
    "lint app --strict",
    "lint lib --quiet",
  ]) {
    same(...line.split(" "));
  }
});
