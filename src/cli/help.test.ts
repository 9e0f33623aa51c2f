import assert from "node:assert/strict";
import { test } from "node:test";
import { LOG } from "./flag-groups.ts";
import { helpText } from "./help.ts";

test("helpText() shows a command's own flags before those that every command has", () => {
  const text = helpText(
    {
      name: "pull",
      summary: "Fetch a chart",
      flags: {
        ...LOG,
        namespace: { type: "text", value: "NAME", help: "Namespace" },
        untar: { type: "bool", help: "Unpack it" },
      },
      sharedFlags: { namespace: { type: "text", help: "Namespace" } },
    },
    ["slipway", "helm", "pull"],
  );
  assert.match(
    text,
    /\n\nFlags:\n {6}--untar +Unpack it\n\nGlobal flags:\n(.*\n)*.*--log-quiet(.*\n)*.*--namespace/,
  );
});
