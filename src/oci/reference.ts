import { SlipwayError } from "#errors";
import { isDigest } from "./digest.ts";
import type { Digest } from "./image.ts";

/** Where an image is: a repository of a registry, and there a tag, a digest, or both. */
export interface Reference {
  /** Host and port; `docker.io` for Docker Hub. */
  readonly registry: string;
  /** Without the host; `library/` is part of it. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const PATH = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;

/**
 * Reads a reference as docker does: a first part with a dot, a colon or that is `localhost` is the registry, else the image
 * is Docker Hub's; a name of one part there is below `library/`. No tag is added where none is written.
 *
 * @throws {SlipwayError} OCI_REFERENCE
 */
export function parseReference(text: string): Reference {
  return parse(text, splitHost);
}

/**
 * Reads a reference of which the first part is the registry whatever it looks like, and nothing is added to the path.
 *
 * @throws {SlipwayError} OCI_REFERENCE
 */
export function parseFullReference(text: string): Reference {
  return parse(text, (path) => {
    const slash = path.indexOf("/");
    return { registry: hubName(path.slice(0, Math.max(0, slash))), repository: path.slice(slash + 1) };
  });
}

function parse(text: string, split: typeof splitHost): Reference {
  const [named = "", digest, ...more] = text.split("@");
  const slash = named.lastIndexOf("/");
  const colon = named.indexOf(":", slash + 1);
  const path = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  const { registry, repository } = split(path);
  const complain = (what: string): never => {
    throw new SlipwayError("OCI_REFERENCE", `"${text}" is not an image reference: ${what}`, {
      hint: "Write HOST/PATH:TAG, such as registry.example.com/shop/web:1.2; the path has no capital letters",
    });
  };
  if (!HOST.test(registry)) complain(`the registry "${registry}" is not a host`);
  if (repository.length > 255 || !PATH.test(repository))
    complain(`the path "${repository}" has forbidden characters`);
  if (tag !== undefined && !TAG.test(tag))
    complain(`the tag "${tag}" has forbidden characters or is too long`);
  if (more.length > 0 || (digest !== undefined && !isDigest(digest)))
    complain("the digest is not sha256 and 64 digits");
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest: digest as Digest }),
  };
}

/** The full form, host and all: `docker.io/library/python:3.11`. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

function splitHost(path: string): Pick<Reference, "registry" | "repository"> {
  const slash = path.indexOf("/");
  const first = path.slice(0, Math.max(0, slash));
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const registry = slash === -1 || !isHost ? "docker.io" : hubName(first);
  const rest = slash === -1 || !isHost ? path : path.slice(slash + 1);
  return { registry, repository: registry === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest };
}

function hubName(host: string): string {
  return host === "index.docker.io" || host === "registry-1.docker.io" ? "docker.io" : host;
}
