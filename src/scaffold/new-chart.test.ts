import assert from "node:assert/strict";
import { test } from "node:test";
import { buildChart, parseGoMap, renderChart } from "#chart";
import { newChart } from "./new-chart.ts";

const ROUTE = { enabled: true, parentRefs: [{ name: "g", namespace: "n" }] };

async function notes(values: object): Promise<string> {
  const release = { name: "web", namespace: "store", revision: 1, isUpgrade: false };
  const rendered = await renderChart(
    buildChart(newChart("shop")),
    parseGoMap(JSON.stringify(values)),
    release,
  );
  return rendered.notes;
}

test("the notes of a new chart say how to reach it", async () => {
  assert.equal(
    await notes({}),
    "web is in namespace store. To reach it:\n\n  kubectl port-forward -n store service/web-shop 8080:80\n\nand, while that runs, http://127.0.0.1:8080\n",
  );
  assert.equal(
    await notes({ ingress: { enabled: true, tls: [{ secretName: "t" }] } }),
    "web is in namespace store. To reach it:\n\n  https://chart-example.local/\n",
  );
  assert.match(
    await notes({ httpRoute: ROUTE }),
    /: *\n\n {2}HOST=chart-example.local\n {2}echo "http:\/\/\$HOST\/headers"\n\nWhat .*:\n\n {2}kubectl get -n n gateway\/g -o yaml\n$/,
  );
  assert.match(
    await notes({ httpRoute: { ...ROUTE, hostnames: [], rules: [] } }),
    /HOST=\$\(kubectl get -n n gateway\/g -o jsonpath/,
  );
  assert.match(
    await notes({ service: { type: "NodePort" } }),
    /\n\n {2}NODE=.*\n.*\n {2}echo "http:\/\/\$NODE:\$PORT"\n$/,
  );
  assert.match(
    await notes({ service: { type: "LoadBalancer" } }),
    /\n\n {2}kubectl .*service\/web-shop --watch/,
  );
});
