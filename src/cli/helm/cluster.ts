import { resolve } from "node:path";
import type { KubeConfigSource } from "#kube";
import type { Invocation } from "../command.ts";

/** Where the flags and variables of Helm say that the cluster is. */
export function kubeSource(call: Invocation): KubeConfigSource {
  const { flags, context } = call;
  const given = (field: string, value: unknown) =>
    value === undefined || value === "" || value === false ? {} : { [field]: value };
  const path = (name: string): string | undefined => {
    const value = flags.text(name) ?? "";
    return value === "" ? undefined : resolve(context.cwd, value);
  };
  const groups = flags.list("kube-as-group");
  const ofEnvironment = (context.env["HELM_KUBEASGROUPS"] ?? "").split(",").filter((one) => one !== "");
  return {
    kubeConfig: path("kubeconfig"),
    context: flags.text("kube-context") || undefined,
    above: {
      cluster: {
        ...given("server", flags.text("kube-apiserver")),
        ...given("certificate-authority", path("kube-ca-file")),
        ...given("insecure-skip-tls-verify", flags.bool("kube-insecure-skip-tls-verify")),
        ...given("tls-server-name", flags.text("kube-tls-server-name")),
      },
      user: {
        ...given("token", flags.text("kube-token")),
        ...given("as", flags.text("kube-as-user")),
        ...given("as-groups", groups.length > 0 ? groups : ofEnvironment),
      },
    },
    env: context.env,
  };
}

/** The namespace of a command: as told, else that of the kubeconfig's context, else `default`. */
export async function namespaceOf(call: Invocation): Promise<string> {
  const told = call.flags.text("namespace") ?? "";
  if (told !== "") return told;
  if (!mayHaveContext(call)) return "default";
  const { contextNamespace } = await import("#kube");
  return contextNamespace(kubeSource(call)).catch(() => "default");
}

/** Most calls have no kubeconfig at hand; the room of clusters is then not read. */
function mayHaveContext({ flags, context }: Invocation): boolean {
  const { existsSync } = process.getBuiltinModule("node:fs");
  const variable = context.env["KUBECONFIG"] ?? "";
  return (
    (flags.text("kubeconfig") ?? "") !== "" ||
    variable !== "" ||
    existsSync(`${context.userHome}/.kube/config`) ||
    context.env["KUBERNETES_SERVICE_HOST"] !== undefined
  );
}
