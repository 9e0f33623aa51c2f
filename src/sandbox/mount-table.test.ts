import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMountTable } from "./mount-table.ts";

test("formatMountTable() escapes what an fstab would split at", () => {
  const lines = [{ source: "/a b", target: "/c\td\\e#f", type: "none", options: "bind,ro" }];
  assert.equal(formatMountTable(lines), "/a\\040b /c\\011d\\134e\\043f none bind,ro 0 0\n");
});
