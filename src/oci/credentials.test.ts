import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { test, type TestContext } from "node:test";
import { eraseCredentials, findCredentials, storeCredentials } from "./credentials.ts";

async function dockerConfig(
  t: TestContext,
  config: unknown,
): Promise<{ directory: string; file: string; env: Record<string, string> }> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-docker-"));
  t.after(() => rm(directory, { recursive: true }));
  const file = join(directory, "config.json");
  await writeFile(file, typeof config === "string" ? config : JSON.stringify(config));
  return { directory, file, env: { PATH: `${directory}:${process.env["PATH"]}` } };
}

const auth = (text: string): { readonly auth: string } => ({ auth: Buffer.from(text).toString("base64") });

test("findCredentials() finds a login under every name that docker login writes", async (t) => {
  const { directory, file, env } = await dockerConfig(t, {
    auths: {
      "https://index.docker.io/v1/": auth("hub:a:b"),
      "registry.example.com": auth("me:secret"),
      "https://old.example.com/v1/": { username: "old", password: "style" },
      "token.example.com": { ...auth("ignored:"), identitytoken: "refresh" },
      "empty.example.com": {},
    },
  });
  const find = (registry: string) => findCredentials(registry, [join(directory, "absent"), file], env);
  assert.deepEqual(await find("docker.io"), { username: "hub", password: "a:b" });
  assert.deepEqual(await find("registry.example.com"), { username: "me", password: "secret" });
  assert.deepEqual(await find("old.example.com"), { username: "old", password: "style" });
  assert.equal((await find("token.example.com"))?.identityToken, "refresh");
  assert.equal(await find("empty.example.com"), undefined);
  assert.equal(await find("example.com"), undefined);
  assert.equal(await findCredentials("example.com", [], env), undefined);
});

test("findCredentials() asks a credential helper, with the registry on its input", async (t) => {
  const { directory, file, env } = await dockerConfig(t, {
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
  assert.deepEqual(await findCredentials("a.example.com", [file], env), {
    username: "for-a.example.com",
    password: "s",
  });
  assert.equal(await findCredentials("b.example.com", [file], env), undefined);
  await rm(join(directory, "docker-credential-test"));
  await assert.rejects(findCredentials("a.example.com", [file], env), { code: "PROGRAM_MISSING" });
});

test("findCredentials() names the helper that answers what is no login, and tells nothing of it", async (t) => {
  const { directory, file, env } = await dockerConfig(t, { credsStore: "odd" });
  for (const [answer, message] of [
    ["s3cret", /docker-credential-odd get did not answer JSON$/],
    ["", /docker-credential-odd get did not answer JSON$/],
    ['["s3cret"]', /docker-credential-odd get did not answer JSON$/],
    ['{"Secret":"s3cret"}', /docker-credential-odd get did not answer Username and Secret$/],
    ['{"Username":1,"Secret":"s3cret"}', /docker-credential-odd get did not answer Username and Secret$/],
  ] as const) {
    const helper = `#!/bin/sh\ncat > /dev/null\necho '${answer}'\n`;
    await writeFile(join(directory, "docker-credential-odd"), helper, { mode: 0o755 });
    await assert.rejects(findCredentials("a.example.com", [file], env), (error: Error) => {
      assert.match(error.message, message);
      assert.equal(error.cause, undefined);
      return !inspect(error).includes("s3cret");
    });
  }
});

test("findCredentials() names what is wrong in a file of logins", async (t) => {
  for (const [text, message] of [
    ["null", /it is not a JSON object$/],
    ['{"auths":[]}', /auths is not an object$/],
    ['{"auths":{"a":null}}', /the entry of a in auths is of the wrong kind$/],
    ['{"credHelpers":{"a":1}}', /the entry of a in credHelpers is of the wrong kind$/],
  ] as const) {
    const { file, env } = await dockerConfig(t, text);
    await assert.rejects(findCredentials("a", [file], env), { code: "OCI_DOCKER_CONFIG", message });
  }
});

test("findCredentials() says which file is not JSON", async (t) => {
  const { file, env } = await dockerConfig(t, "{");
  await assert.rejects(findCredentials("a", [file], env), {
    code: "OCI_DOCKER_CONFIG",
    message: /config\.json/,
  });
});

test("storeCredentials() keeps what else the file says, and only its owner may read it", async (t) => {
  const { file, env } = await dockerConfig(t, { auths: { "b.example.com": auth("b:b") }, other: [1] });
  await storeCredentials("a.example.com", { username: "me", password: "a:b" }, file, env);
  await storeCredentials("docker.io", { username: "", password: "token" }, file, env);
  assert.deepEqual(JSON.parse(await readFile(file, "utf8")), {
    auths: {
      "a.example.com": auth("me:a:b"),
      "b.example.com": auth("b:b"),
      "https://index.docker.io/v1/": auth(":token"),
    },
    other: [1],
  });
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(await findCredentials("a.example.com", [file], env), { username: "me", password: "a:b" });
  assert.deepEqual(await findCredentials("docker.io", [file], env), { username: "", password: "token" });
  await eraseCredentials("a.example.com", file, env);
  await eraseCredentials("none.example.com", file, env);
  assert.equal(await findCredentials("a.example.com", [file], env), undefined);
  assert.deepEqual(await findCredentials("b.example.com", [file], env), { username: "b", password: "b" });
  await assert.rejects(storeCredentials("a", { username: "m:e", password: "" }, file, env), /colons/);
});

test("storeCredentials() hands a login to the helper that the file names, and none of it to the file", async (t) => {
  const { directory, file, env } = await dockerConfig(t, { credsStore: "keeper" });
  const helper = `#!/bin/sh\nprintf '%s ' "$1" >> ${directory}/asked\ncat >> ${directory}/asked\n`;
  await writeFile(join(directory, "docker-credential-keeper"), helper, { mode: 0o755 });
  await storeCredentials("a.example.com", { username: "me", password: "word" }, file, env);
  await eraseCredentials("a.example.com", file, env);
  assert.equal(
    await readFile(join(directory, "asked"), "utf8"),
    'store {"ServerURL":"a.example.com","Username":"me","Secret":"word"}erase a.example.com',
  );
  assert.equal(await readFile(file, "utf8"), '{"credsStore":"keeper"}');
});
