import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { LIB } from "./charts.ts";
import { serveVersions } from "./chart-server.ts";

const ANSWER = {
  data: [
    {
      id: "a/one",
      attributes: {
        description: "One of many, with a description that is long",
        repo: { name: "a", url: "https://a.example" },
      },
      relationships: { latestChartVersion: { data: { version: "1.2.3", app_version: "7" } } },
    },
    { id: "b/two", artifactHub: { packageUrl: "https://hub.example/two" } },
  ],
};

test("helm search hub shows what a hub answers as Helm does", async (t) => {
  await requireEnvironment(["helm"], t);
  const search = "api/chartsvc/v1/charts/search";
  const { url, sides } = await serveVersions(
    t,
    {
      ...LIB,
      [`out/${search}`]: JSON.stringify(ANSWER),
      [`out/none/${search}`]: JSON.stringify({ data: [] }),
      [`out/odd/${search}`]: "<html>",
    },
    "lib",
    ["0.1.0"],
  );
  for (const line of [
    "one two --endpoint URL",
    "one --endpoint URL --list-repo-url --max-col-width 12",
    "one --endpoint URL -o json",
    "one --endpoint URL -o yaml",
    "one --endpoint URL/none",
    "one --endpoint URL/none -o json",
    "one --endpoint URL/none --fail-on-no-result",
    "one --endpoint URL/odd",
    "one --endpoint URL/absent",
    "one --endpoint http://127.0.0.1:1",
    "one --endpoint nowhere",
    "one --endpoint URL --max-col-width -1",
  ]) {
    sides.same("search", "hub", ...line.replace("URL", url).split(" "));
  }
});
