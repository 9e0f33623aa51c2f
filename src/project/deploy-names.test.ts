import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveNamespace, resolveReleaseName } from "./deploy-names.ts";
import type { DeploySettings, Project } from "./project.ts";

function project(deploy: Partial<DeploySettings> = {}): Project {
  return {
    name: "shop",
    configVersion: 1,
    directory: "/shop",
    configFile: "/shop/werf.yaml",
    deploy: {
      helmRelease: "[[ project ]]-[[ env ]]",
      helmReleaseSlug: true,
      namespace: "[[ project ]]-[[ env ]]",
      namespaceSlug: true,
      ...deploy,
    },
    cleanup: { keepPolicies: undefined },
    images: [],
    rendered: "",
    documents: [],
  };
}

test("names come from project and environment, made fit", async () => {
  assert.equal(await resolveReleaseName(project(), { env: "production" }), "shop-production");
  assert.match(await resolveNamespace(project(), { env: "My_Branch" }), /^shop-my-branch-[0-9a-f]+$/);
});

test("without an environment the error names the flag and the variable", async () => {
  await assert.rejects(resolveReleaseName(project()), {
    code: "CONFIG_NO_ENV",
    message:
      "--env option or $WERF_ENV variable required to construct name by template '[[ project ]]-[[ env ]]'",
  });
});

test("a name given outright is used as it is, and checked", async () => {
  assert.equal(await resolveReleaseName(project(), { given: "mine" }), "mine");
  await assert.rejects(resolveNamespace(project(), { given: "My_NS" }), {
    code: "CONFIG_BAD_NAME",
    message: /^Bad Kubernetes namespace specified 'My_NS': /,
  });
});

test("without its slug a bad name is an error that shows the template", async () => {
  await assert.rejects(
    resolveNamespace(project({ namespace: "X_[[ env ]]", namespaceSlug: false }), { env: "a" }),
    {
      message: /^Bad Kubernetes namespace 'X_a' rendered by template 'X_\[\[ env \]\]': /,
    },
  );
});

test("names are templates with all of sprig", async () => {
  const fancy = project({ helmRelease: '[[ printf "%s-%s" (project | upper) env ]]{{' });
  assert.match(await resolveReleaseName(fancy, { env: "a" }), /^shop-a-[0-9a-f]+$/);
  await assert.rejects(resolveReleaseName(fancy), { code: "CONFIG_NO_ENV" });
});
