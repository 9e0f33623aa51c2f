import { text } from "node:stream/consumers";
import { eraseCredentials, storeCredentials, type Credentials } from "#oci";
import type { Invocation } from "../command.ts";
import { fault, needArguments } from "./arguments.ts";
import { askLine, askSecret } from "./ask.ts";
import { helmHome } from "./home.ts";
import { inHelmsWords } from "./registry-fault.ts";
import { openHelmRegistry } from "./registry.ts";
import { certificatesOf } from "./tls.ts";

/** `helm registry login HOST`. */
export async function runRegistryLogin(call: Invocation): Promise<undefined> {
  needArguments(call, 1, "[host] [flags]", true);
  const { context } = call;
  const host = hostOf(call.args[0] ?? "");
  const login = await loginFrom(call);
  using opened = await openHelmRegistry(call, certificatesOf(call, "insecure"), login);
  const doing = `authenticating to ${JSON.stringify(host)}`;
  await inHelmsWords({ doing }, opened.registry.ping(host, { signal: context.signal }));
  await storeCredentials(host, login, helmHome(call).registryConfig, context.env);
  context.err("Login Succeeded\n");
  return undefined;
}

/** `helm registry logout HOST`. */
export async function runRegistryLogout(call: Invocation): Promise<undefined> {
  needArguments(call, 1, "[host] [flags]", true);
  const host = call.args[0] ?? "";
  await eraseCredentials(host, helmHome(call).registryConfig, call.context.env);
  call.context.err(`Removing login credentials for ${host}\n`);
  return undefined;
}

/** Old scripts give an address where a host is meant. */
function hostOf(word: string): string {
  return word.replace(/^(?:oci|https?):\/\//, "").replace(/\/.*$/, "");
}

async function loginFrom({ flags, context }: Invocation): Promise<Credentials> {
  const username = flags.text("username") ?? "";
  const password = flags.text("password") ?? "";
  if (flags.bool("password-stdin")) {
    const piped = await text(process.stdin);
    return { username, password: piped.replace(/\r?\n$/, "") };
  }
  if (password !== "") {
    context.err("WARNING: Using --password via the CLI is insecure. Use --password-stdin.\n");
    return { username, password };
  }
  const user = username === "" ? (await askLine(context, "Username: ")).trim() : username;
  const [prompt, missing] = user === "" ? ["Token: ", "token required"] : ["Password: ", "password required"];
  const secret = await askSecret(context, prompt, "");
  if (secret === "") throw fault(missing);
  return { username: user, password: secret };
}
