import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerOptions } from "./docker-options.ts";

test("parseDockerOptions() reads the line of werf's guides", () => {
  assert.deepEqual(parseDockerOptions("-d -p 8080:8080 --restart=always"), {
    isDetached: true,
    isInteractive: false,
    hasTerminal: false,
    isRemovedAtEnd: false,
    ports: [{ hostPort: 8080, containerPort: 8080, protocol: "tcp" }],
    env: [],
    volumes: [],
    restart: { name: "always" },
    network: "bridge",
  });
});

test("parseDockerOptions() takes flags together, values attached, and long names", () => {
  const options = parseDockerOptions(
    "-itd -eA=1 --env B -w=/app --user 1:2 --rm --name=web --entrypoint= --net host -v /a:/b:ro -v data:/c -v /d",
  );
  assert.deepEqual(
    [options.isInteractive, options.hasTerminal, options.isDetached, options.isRemovedAtEnd],
    [true, true, true, true],
  );
  assert.deepEqual([options.env, options.workingDirectory, options.user], [["A=1", "B"], "/app", "1:2"]);
  assert.deepEqual([options.name, options.entrypoint, options.network], ["web", "", "host"]);
  assert.deepEqual(options.volumes, [
    { source: "/a", target: "/b", isReadOnly: true },
    { source: "data", target: "/c", isReadOnly: false },
    { target: "/d", isReadOnly: false },
  ]);
});

const PORTS: ReadonlyArray<[string, ReadonlyArray<[string | undefined, number, number, string]>]> = [
  ["80", [[undefined, 0, 80, "tcp"]]],
  ["127.0.0.1:8080:80", [["127.0.0.1", 8080, 80, "tcp"]]],
  ["127.0.0.1::80", [["127.0.0.1", 0, 80, "tcp"]]],
  ["[::1]:8080:80/udp", [["::1", 8080, 80, "udp"]]],
  ["7000-7001:8000-8001", [[undefined, 7000, 8000, "tcp"], [undefined, 7001, 8001, "tcp"]]],
]; // prettier-ignore

for (const [text, expected] of PORTS) {
  test(`parseDockerOptions() reads -p ${text}`, () => {
    const { ports } = parseDockerOptions(["-p", text]);
    assert.deepEqual(
      ports.map((port) => [port.hostAddress, port.hostPort, port.containerPort, port.protocol]),
      expected,
    );
  });
}

for (const [text, code] of [
  ["--privileged", "RUN_OPTION_UNKNOWN"],
  ["-dX", "RUN_OPTION_UNKNOWN"],
  ["--env-file x", "RUN_OPTION_UNKNOWN"],
  ["nginx", "RUN_OPTION_INVALID"],
  ["-p", "RUN_OPTION_INVALID"],
  ["-p 0:80", "RUN_OPTION_INVALID"],
  ["-p 1-2:80", "RUN_OPTION_INVALID"],
  ["-p 80/icmp", "RUN_OPTION_INVALID"],
  ["--restart=sometimes", "RUN_OPTION_INVALID"],
  ["--rm --restart=always", "RUN_OPTION_INVALID"],
  ["-v a/b:/c", "RUN_OPTION_INVALID"],
  ["--network mine", "RUN_OPTION_INVALID"],
] as const) {
  test(`parseDockerOptions("${text}") says ${code}`, () => {
    assert.throws(() => parseDockerOptions(text), { code });
  });
}
