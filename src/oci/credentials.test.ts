import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { findCredentials } from "./credentials.ts";

async function dockerConfig(
  t: TestContext,
  config: unknown,
): Promise<{ directory: string; env: Record<string, string> }> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-docker-"));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(
    join(directory, "config.json"),
    typeof config === "string" ? config : JSON.stringify(config),
  );
  return { directory, env: { PATH: `${directory}:${process.env["PATH"]}` } };
}

const auth = (text: string): { readonly auth: string } => ({ auth: Buffer.from(text).toString("base64") });

test("findCredentials() finds a login under every name that docker login writes", async (t) => {
  const { directory, env } = await dockerConfig(t, {
    auths: {
      "https://index.docker.io/v1/": auth("hub:a:b"),
      "registry.example.com": auth("me:secret"),
      "https://old.example.com/v1/": { username: "old", password: "style" },
      "token.example.com": { ...auth("ignored:"), identitytoken: "refresh" },
      "empty.example.com": {},
    },
  });
  const find = (registry: string) => findCredentials(registry, directory, env);
  assert.deepEqual(await find("docker.io"), { username: "hub", password: "a:b" });
  assert.deepEqual(await find("registry.example.com"), { username: "me", password: "secret" });
  assert.deepEqual(await find("old.example.com"), { username: "old", password: "style" });
  assert.equal((await find("token.example.com"))?.identityToken, "refresh");
  assert.equal(await find("empty.example.com"), undefined);
  assert.equal(await find("example.com"), undefined);
  assert.equal(await findCredentials("example.com", undefined, env), undefined);
  assert.equal(await findCredentials("example.com", join(directory, "absent"), env), undefined);
});

test("findCredentials() asks a credential helper, with the registry on its input", async (t) => {
  const { directory, env } = await dockerConfig(t, {
    credHelpers: { "a.example.com": "test" },
    credsStore: "none",
  });
  const helper = `#!/bin/sh
[ "$1" = get ] || exit 2
server=$(cat)
echo '{"ServerURL":"'$server'","Username":"for-'$server'","Secret":"s"}'
`;
  await writeFile(join(directory, "docker-credential-test"), helper);
  await writeFile(
    join(directory, "docker-credential-none"),
    "#!/bin/sh\necho credentials not found in native keychain\nexit 1\n",
  );
  for (const name of ["test", "none"]) await chmod(join(directory, `docker-credential-${name}`), 0o755);
  assert.deepEqual(await findCredentials("a.example.com", directory, env), {
    username: "for-a.example.com",
    password: "s",
  });
  assert.equal(await findCredentials("b.example.com", directory, env), undefined);
  await rm(join(directory, "docker-credential-test"));
  await assert.rejects(findCredentials("a.example.com", directory, env), { code: "PROGRAM_MISSING" });
});

test("findCredentials() says which file is not JSON", async (t) => {
  const { directory, env } = await dockerConfig(t, "{");
  await assert.rejects(findCredentials("a", directory, env), {
    code: "OCI_DOCKER_CONFIG",
    message: /config\.json/,
  });
});
