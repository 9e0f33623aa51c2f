import { cp } from "node:fs/promises";
import { join } from "node:path";
import { startRegistry, type PrivateRegistry } from "../test/env/index.ts";
import { shell } from "../test/env/shell.ts";
import { compare, execute, root, type Case, type Side, type Usage } from "./harness.ts";
import { gitInit, slipwayIn } from "./work.ts";

/** Publishing an image against `skopeo copy` of the same image. */
export async function benchPush(scratch: string): Promise<void> {
  const project = join(scratch, "flask");
  const home = join(scratch, "home");
  const layout = join(scratch, "layout");
  await cp(join(root, "examples/flask/020-deploy"), project, { recursive: true });
  await gitInit(project);
  await slipwayIn(project, home, ["build", "--stages-storage", ":local"]);

  const registries: PrivateRegistry[] = [];
  const fresh = async (): Promise<void> => {
    await registries.pop()?.[Symbol.asyncDispose]();
    registries.push(await startRegistry());
  };
  const address = (): string => registries[0]?.address ?? "";
  const publish = (): Promise<Usage> =>
    slipwayIn(project, home, ["publish", "--stages-storage", ":local", "--images-repo", `${address()}/bench`, "--tag-by-stages-signature", "--insecure-registry"]); // prettier-ignore
  await fresh();
  await publish();
  await shell("skopeo", ["copy", "--quiet", "--insecure-policy", "--src-tls-verify=false", await published(address()), `oci:${layout}`]); // prettier-ignore

  const mine: Side = { label: "slipway", run: publish };
  const theirs: Side = {
    label: "skopeo",
    run: () =>
      execute("skopeo", ["copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false", `oci:${layout}`, `docker://${address()}/copy:bench`]), // prettier-ignore
  };
  const cases: readonly Case[] = [
    {
      name: "to an empty registry",
      aim: 1,
      rounds: 4,
      slipway: { ...mine, prepare: fresh },
      peer: { ...theirs, prepare: fresh },
    },
    { name: "all is there already", aim: 1.5, rounds: 7, slipway: mine, peer: theirs },
  ];
  try {
    await compare("Publish the Flask example", cases);
  } finally {
    await registries.pop()?.[Symbol.asyncDispose]();
  }
}

/** The one image of a registry, as skopeo names it. */
async function published(address: string): Promise<string> {
  const get = async (path: string): Promise<unknown> => (await fetch(`http://${address}/v2/${path}`)).json();
  const { repositories } = (await get("_catalog")) as { repositories: string[] };
  const { tags } = (await get(`${repositories[0]}/tags/list`)) as { tags: string[] };
  return `docker://${address}/${repositories[0]}:${tags[0]}`;
}
