import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { Worker } from "node:worker_threads";
import type { ServerTls } from "./chart-server-worker.ts";
import { sideBySide, type Sides } from "./side-by-side.ts";

export interface ChartServer {
  readonly url: string;
  /** Path and status of what was asked since the last call, in order. */
  readonly asked: () => readonly string[];
  readonly sides: Sides;
  /** Writes a file on both sides. */
  readonly write: (path: string, text: string) => void;
}

/**
 * A repository on loopback with a chart in several versions, packed by the real helm with `packFlags`, and two sides that
 * may use it.
 * The server answers with ETags, wants a login below `/private/`, and sends those who ask below `/moved/` elsewhere. It
 * has a thread of its own, since the tests wait for programs with theirs.
 */
export async function serveVersions(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
  chart: string,
  versions: readonly string[],
  options: { readonly packFlags?: readonly string[]; readonly tls?: ServerTls } = {},
): Promise<ChartServer> {
  const maker = sideBySide(t, files);
  for (const version of versions) {
    maker.helm.run("package", chart, "-d", "out", "--version", version, ...(options.packFlags ?? []));
  }
  maker.helm.run("repo", "index", "out");
  const log = join(maker.helm.directory, "log");
  writeFileSync(log, "");
  const worker = new Worker(new URL("chart-server-worker.ts", import.meta.url), {
    workerData: { directory: join(maker.helm.directory, "out"), log, tls: options.tls },
  });
  t.after(() => worker.terminate());
  const [port] = (await once(worker, "message")) as [number];
  let seen = 0;
  const asked = (): readonly string[] => {
    const lines = readFileSync(log, "utf8").split("\n").slice(0, -1);
    const fresh = lines.slice(seen);
    seen = lines.length;
    return fresh;
  };
  const sides = sideBySide(t, files);
  const write = (path: string, text: string): void => {
    for (const { directory } of [sides.helm, sides.slipway]) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
  };
  return { url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`, asked, sides, write };
}
