import assert from "node:assert/strict";
import { test } from "node:test";
import { settingsParts } from "./settings.ts";

test("settingsParts() gives proxies in both cases and mounts client settings read-only", () => {
  const parts = settingsParts({
    proxies: { HTTP_PROXY: "http://proxy:3128", no_proxy: "localhost" },
    files: [{ source: "/home/me/.npmrc", target: "/root/.npmrc" }],
  });
  assert.deepEqual(parts, {
    env: {
      HTTP_PROXY: "http://proxy:3128",
      http_proxy: "http://proxy:3128",
      NO_PROXY: "localhost",
      no_proxy: "localhost",
    },
    mounts: [{ source: "/home/me/.npmrc", target: "/root/.npmrc", readOnly: true }],
    files: [],
  });
});

test("settingsParts() points every client at the bundle, and touches no bundle of the root", () => {
  const parts = settingsParts({ caBundle: "/etc/company.pem" });
  assert.equal(parts.env["SSL_CERT_FILE"], "/run/slipway/ca.pem");
  assert.equal(parts.env["PIP_CERT"], "/run/slipway/ca.pem");
  assert.deepEqual(
    [...parts.mounts, ...parts.files].map(({ target }) => target),
    ["/run/slipway/ca.pem", "/run/slipway/apt.conf", "/run/slipway/wgetrc"],
  );
});
