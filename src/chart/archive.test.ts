import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { SlipwayError } from "#errors";
import { seeded } from "#testing";
import { MAX_CHART_SIZE, MAX_FILE_SIZE, readChartArchive } from "./archive.ts";
import { buildChart, loadChart } from "./load.ts";

interface Entry {
  readonly name: string;
  readonly content?: string;
  readonly type?: string;
  readonly link?: string;
  /** What the header says, where it is not the length of the content. */
  readonly size?: string;
  /** The content is bytes, one a character. */
  readonly isBinary?: boolean;
}

/** A tar of these entries as ustar has it. */
function tar(...entries: readonly Entry[]): Buffer {
  const blocks = entries.map(({ name, content = "", type = "0", link = "", size, isBinary }) => {
    const data = Buffer.from(content, isBinary === true ? "latin1" : "utf8");
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write("0000644\0", 100);
    header.write(size ?? `${data.length.toString(8).padStart(11, "0")}\0`, 124, 12);
    header.write("00000000000\0", 136);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(link, 157, 100);
    header.write("ustar\x0000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const CHART: readonly Entry[] = [
  { name: "shop/Chart.yaml", content: "apiVersion: v2\nname: shop\nversion: 0.1.0\n" },
  { name: "shop/values.yaml", content: "color: red\nlist: [1, 2]\n" },
  { name: "shop/templates/a.yaml", content: "kind: {{ .Values.color }}\n" },
  { name: "shop/charts/web/Chart.yaml", content: "apiVersion: v2\nname: web\nversion: 0.1.0\n" },
];

async function load(...entries: readonly Entry[]): Promise<Awaited<ReturnType<typeof loadChart>>> {
  return loadChart(gzipSync(tar(...CHART, ...entries)));
}

test("a damaged archive is read or refused with an error of ours", () => {
  const next = seeded(20_260_103);
  const plain = tar(...CHART);
  const packed = gzipSync(plain);
  const damaged = (data: Buffer): Buffer => {
    const copy = Buffer.from(data);
    for (let left = 1 + next(3); left > 0; left--) {
      const at = next(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << next(8));
    }
    return next(3) === 0 ? copy.subarray(0, next(copy.length)) : copy;
  };
  let readable = 0;
  for (let round = 0; round < 1500; round++) {
    const archive = round % 2 === 0 ? damaged(packed) : gzipSync(damaged(plain), { level: 1 });
    try {
      buildChart(readChartArchive(archive), { onWarning: () => {} });
      readable++;
    } catch (error) {
      assert.ok(error instanceof SlipwayError, (error as Error).stack);
    }
  }
  assert.ok(readable > 50 && readable < 1450, `${readable} of 1500 were readable`);
});

test("names that lead out of the chart are refused", () => {
  for (const name of [
    "shop/../../etc/passwd",
    "shop/..",
    "shop//etc/passwd",
    "shop/a/../../../x",
    String.raw`shop\..\..\x`,
    "shop/C:/x",
    "../shop/x",
    "/etc/passwd",
    "Chart.yaml",
  ]) {
    const entries = [...CHART, { name, content: "x" }];
    let names: string[];
    try {
      names = readChartArchive(gzipSync(tar(...entries))).map((file) => file.name);
    } catch (error) {
      assert.ok(error instanceof SlipwayError && error.code === "CHART_ARCHIVE", name);
      continue;
    }
    for (const one of names) assert.doesNotMatch(one, /^\/|(^|\/)\.\.(\/|$)|^[a-z]:/i, name);
  }
});

test("links and devices give no content of this machine", async () => {
  const chart = await load(
    { name: "shop/link", type: "2", link: "/etc/passwd" },
    { name: "shop/hard", type: "1", link: "/etc/passwd" },
    { name: "shop/device", type: "3" },
    { name: "shop/pipe", type: "6" },
  );
  assert.deepEqual(
    chart.files.map(({ name, data }) => [name, data.length]),
    [
      ["link", 0],
      ["hard", 0],
      ["device", 0],
      ["pipe", 0],
    ],
  );
});

test("an archive that unpacks to too much is refused before it fills the memory", () => {
  const bomb = gzipSync(Buffer.alloc(MAX_CHART_SIZE + 17 * 1024 * 1024), { level: 1 });
  assert.throws(() => readChartArchive(bomb), { code: "CHART_ARCHIVE", message: /larger than the maximum/ });
});

test("sizes that no file has are refused", () => {
  for (const size of [
    "77777777777\0",
    "-0000000001\0",
    "0x10\0",
    "99999999999\0",
    "\u0080",
    "          \0",
  ]) {
    const entries = [{ name: "shop/big", content: "x", size }];
    try {
      readChartArchive(gzipSync(tar(...entries)));
    } catch (error) {
      assert.ok(error instanceof SlipwayError && error.code === "CHART_ARCHIVE", `${size}: ${String(error)}`);
    }
  }
  for (const records of [
    "12 size=-99\n",
    "13 size=-512\n",
    "14 size=-1024\n",
    "13 size=512.5\n",
    "13 size=1e99\n",
    "14 size=1e309\n",
    "13 path=../..\n",
    "9 size=x\n",
    "99999 a=b\n",
    "0 a=b\n",
    "x",
  ]) {
    try {
      readChartArchive(
        gzipSync(
          tar(
            { name: "pax", type: "x", content: records },
            { name: "shop/x", content: "y".repeat(600) },
            ...CHART,
          ),
        ),
      );
    } catch (error) {
      assert.ok(
        error instanceof SlipwayError && error.code === "CHART_ARCHIVE",
        `${records}: ${String(error)}`,
      );
    }
  }
});

test("names that no file system has are refused, as by Go", () => {
  for (const records of ["16 path=shop/a\0b\n", "16 path=shop/a\0\0\n"]) {
    const entries = [{ name: "pax", type: "x", content: records }, { name: "shop/x" }, ...CHART];
    assert.throws(() => readChartArchive(gzipSync(tar(...entries))), {
      code: "CHART_ARCHIVE",
      message: "archive/tar: invalid tar header",
    });
  }
});

test("archives in an archive are refused before they fill the memory", async () => {
  const content = "\0".repeat(MAX_FILE_SIZE - 1);
  const filler = Array.from({ length: 15 }, (_, at) => ({ name: `shop/files/${at}`, content }));
  const inner = gzipSync(tar(...CHART, ...filler)).toString("latin1");
  const subcharts = Array.from({ length: 4 }, (_, at) => ({
    name: `shop/charts/a${at}.tgz`,
    content: inner,
  }));
  const archive = gzipSync(tar(...CHART, ...subcharts.map((one) => ({ ...one, isBinary: true }))));
  await assert.rejects(loadChart(archive), { code: "CHART_ARCHIVE", message: /larger than the maximum/ });
});

test("charts in charts in charts are refused before they fill the stack", async () => {
  const definition = CHART[0]?.content ?? "";
  const files = [{ name: "Chart.yaml", data: Buffer.from(definition) }];
  const below = `${"charts/a/".repeat(20_000)}Chart.yaml`;
  assert.throws(() => buildChart([...files, { name: below, data: Buffer.from(definition) }]), {
    code: "CHART_INVALID",
  });
  let nested = gzipSync(tar(...CHART));
  for (let depth = 0; depth < 120; depth++) {
    const content = nested.toString("latin1");
    nested = gzipSync(tar(...CHART, { name: "shop/charts/a.tgz", content, isBinary: true }));
  }
  await assert.rejects(loadChart(nested), { message: /nested more than 100 deep$/ });
});

test("names that mean something to JavaScript are names like others", async () => {
  const chart = await load(
    { name: "shop/__proto__", content: "a" },
    { name: "shop/templates/constructor", content: "{{ .Values.toString }}" },
    {
      name: "shop/charts/constructor/Chart.yaml",
      content: "apiVersion: v2\nname: constructor\nversion: 0.1.0\n",
    },
    { name: "shop/charts/constructor/values.yaml", content: "__proto__: {polluted: true}\n" },
  );
  assert.ok(chart.files.some(({ name }) => name === "__proto__"));
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  assert.deepEqual(chart.dependencies.map(({ metadata }) => metadata.name).sort(), ["constructor", "web"]);
});

test("a chart's name with control characters or a path is refused or cleaned", () => {
  for (const name of ["\\x1b]0;owned\\x07", "a\\x1b[2Jb", "a/b", "..", "a\\0b"]) {
    const text = `apiVersion: v2\nname: "${name}"\nversion: 0.1.0\n`;
    let chart;
    try {
      chart = buildChart([{ name: "Chart.yaml", data: Buffer.from(text) }]);
    } catch (error) {
      assert.ok(error instanceof SlipwayError, String(error));
      continue;
    }
    assert.doesNotMatch(chart.metadata.name, /\p{Cc}|\//u, name);
  }
});
