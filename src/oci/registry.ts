import { once } from "node:events";
import { PassThrough } from "node:stream";
import { SlipwayError } from "#errors";
import type { HttpClient } from "#http";
import type { Credentials } from "./credentials.ts";
import { digestOf } from "./digest.ts";
import {
  mediaTypes,
  type Descriptor,
  type Digest,
  type Image,
  type ImageConfig,
  type Layer,
  type Manifest,
} from "./image.ts";
import { choosePlatform, parseImageConfig, parseManifest, thisPlatform } from "./manifest.ts";
import { formatReference, type Reference } from "./reference.ts";
import { registryAddresses } from "./registry-address.ts";
import { RegistrySession, type RegistryCall } from "./registry-session.ts";
import type { ContentStore } from "./store.ts";

export interface RegistrySettings {
  readonly http: HttpClient;
  /** Files with logins in the form of docker's config.json; the first that has one for a registry wins. */
  readonly loginFiles?: readonly string[];
  /** Shown to every registry instead of those. */
  readonly login?: Credentials;
  /** By registry host, the addresses that are asked first when reading. */
  readonly mirrors?: Readonly<Record<string, readonly string[]>>;
  /** Allow plain HTTP where the registry speaks it; for loopback registries that is allowed anyway. */
  readonly insecure?: boolean;
  /** For credential helpers. */
  readonly env: Readonly<Record<string, string>>;
}

export interface TransferOptions {
  readonly signal?: AbortSignal;
  /** How many blobs move at once; 4 unless told. */
  readonly jobs?: number;
  readonly onProgress?: (progress: {
    readonly digest: Digest;
    readonly bytes: number;
    readonly total: number;
  }) => void;
}

export interface PullOptions extends TransferOptions {
  readonly platform?: { readonly os: string; readonly architecture: string };
  /** `later`: layers stay where they are and are named by `origin`; `now` unless told. */
  readonly layers?: "now" | "later";
}

/** One blob of an artifact, small enough to be held. */
export interface ArtifactBlob {
  readonly mediaType: string;
  readonly data: Buffer;
}

/** Something that is no image: a config of its own kind and blobs in order. */
export interface Artifact {
  readonly config: ArtifactBlob;
  readonly layers: readonly ArtifactBlob[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Registries of images, spoken to as the OCI distribution specification 1.1 says. */
export interface Registry {
  /** The descriptor of what a reference names, or undefined when there is none. */
  resolve(reference: Reference, options?: TransferOptions): Promise<Descriptor | undefined>;
  /** The image for a platform (this machine's unless told); every byte is checked against its digest. */
  pull(reference: Reference, store: ContentStore, options?: PullOptions): Promise<Image>;
  /** The compressed bytes of a layer from its `origin`, put into the store while they pass. */
  readLayer(layer: Layer, store: ContentStore, options?: TransferOptions): AsyncIterable<Buffer>;
  /**
   * Uploads an image. Blobs go first and the manifest last, so nobody can pull a manifest whose layers are missing, even if
   * we are killed in between. What the repository has is not sent again.
   *
   * @throws {SlipwayError} OCI_DENIED when the login may not write to the repository.
   */
  push(
    image: Image,
    reference: Reference,
    store: ContentStore,
    options?: TransferOptions,
  ): Promise<Descriptor>;
  /** The config of the image that a reference names, or undefined when there is none. */
  config(
    reference: Reference,
    options?: TransferOptions,
  ): Promise<{ readonly descriptor: Descriptor; readonly config: ImageConfig } | undefined>;
  /** Says hello, so that a login is checked. @throws {RegistryError} OCI_UNAUTHORIZED, OCI_UNREACHABLE */
  ping(registry: string, options?: TransferOptions): Promise<void>;
  /** Every tag of a repository. @throws {RegistryError} OCI_NOT_FOUND when there is no such repository */
  tags(reference: Reference, options?: TransferOptions): Promise<readonly string[]>;
  /** An artifact whole, every blob checked against its digest. @throws {SlipwayError} OCI_NOT_FOUND, OCI_MANIFEST */
  readArtifact(
    reference: Reference,
    options?: TransferOptions,
  ): Promise<Artifact & { readonly descriptor: Descriptor }>;
  /** Uploads an artifact, the manifest last; where the registry has it already, only its tag is set. */
  pushArtifact(artifact: Artifact, reference: Reference, options?: TransferOptions): Promise<Descriptor>;
  /** Removes what a digest names, with all its tags; false when there was none. */
  delete(reference: Reference, options?: TransferOptions): Promise<boolean>;
}

const MANIFESTS = [
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  mediaTypes.dockerManifest,
  mediaTypes.dockerIndex,
].join(", ");
const MANIFEST_LIMIT = 8 << 20;
const ARTIFACT_LIMIT = 256 << 20;

export function openRegistry(settings: RegistrySettings): Registry {
  const session = new RegistrySession(settings);

  const baseOf = registryAddresses(settings);
  const call = async (
    reference: Reference,
    rest: Omit<RegistryCall, "base" | "registry" | "repository">,
    base?: string,
  ) => {
    const { registry, repository } = reference;
    return session.call({
      base: base ?? (await baseOf(registry, rest.signal)),
      registry,
      repository,
      ...rest,
    });
  };

  const silentMirrors = new Set<string>();

  /** Asks the mirrors of a registry first, a silent one only once; the registry itself has the last word. */
  const read = async <T>(
    reference: Reference,
    { signal }: TransferOptions,
    ask: (base: string) => Promise<T>,
  ): Promise<T> => {
    const refusals: string[] = [];
    for (const mirror of settings.mirrors?.[reference.registry] ?? []) {
      if (silentMirrors.has(mirror)) {
        refusals.push(`the mirror ${mirror} does not answer`);
        continue;
      }
      try {
        return await ask(/^https?:/.test(mirror) ? mirror.replace(/\/+$/, "") : `https://${mirror}`);
      } catch (error) {
        if (!(error instanceof SlipwayError) || !error.code.startsWith("OCI_")) throw error;
        if (error.code === "OCI_UNREACHABLE") silentMirrors.add(mirror);
        const said = error.code === "OCI_NOT_FOUND" ? "does not have it" : error.message;
        refusals.push(`the mirror ${mirror} ${error.code === "OCI_UNREACHABLE" ? "does not answer" : said}`);
      }
    }
    try {
      return await ask(await baseOf(reference.registry, signal));
    } catch (error) {
      if (refusals.length === 0 || !(error instanceof SlipwayError)) throw error;
      throw new SlipwayError(error.code, `${error.message}; before, ${refusals.join(", and ")}`, {
        cause: error.cause,
        hint: "Check that the mirror is up and has the image; it is set by --registry-mirror",
      });
    }
  };

  const manifest = (reference: Reference, options: TransferOptions) =>
    read(reference, options, async (base) => {
      const doing = `read the manifest of ${formatReference(reference)}`;
      const path = `manifests/${reference.digest ?? reference.tag ?? "latest"}`;
      const answer = await call(
        reference,
        { path, access: "pull", headers: { accept: MANIFESTS }, doing, signal: options.signal },
        base,
      );
      const bytes = await answer.bytes(MANIFEST_LIMIT);
      const digest = digestOf(bytes);
      if (reference.digest !== undefined && reference.digest !== digest) {
        throw new SlipwayError("OCI_DIGEST", `Cannot ${doing}: what came has the digest ${digest}`, {
          hint: "The registry or a proxy changes content; ask another one",
        });
      }
      const mediaType = (answer.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
      return {
        digest,
        mediaType,
        size: bytes.length,
        value: parseManifest(bytes, formatReference(reference)),
      };
    });

  /** The bytes of a blob, going on where a connection broke. */
  async function* blobBytes(
    reference: Reference,
    wanted: Descriptor,
    base: string,
    options: TransferOptions,
  ): AsyncGenerator<Buffer> {
    let offset = 0;
    for (let failures = 0; ;) {
      const answer = await call(
        reference,
        {
          path: `blobs/${wanted.digest}`,
          access: "pull",
          doing: `read the blob ${wanted.digest} of ${reference.registry}/${reference.repository}`,
          signal: options.signal,
          ...(offset === 0 ? {} : { headers: { range: `bytes=${offset}-` } }),
        },
        base,
      );
      let skip = offset > 0 && answer.status !== 206 ? offset : 0;
      try {
        for await (const chunk of answer.body) {
          const part = skip === 0 ? chunk : chunk.subarray(Math.min(skip, chunk.length));
          skip -= chunk.length - part.length;
          if (part.length === 0) continue;
          offset += part.length;
          yield part;
          options.onProgress?.({ digest: wanted.digest, bytes: offset, total: wanted.size });
        }
        if (offset >= wanted.size) return;
        throw Object.assign(new Error(`it ended after ${offset} of ${wanted.size} bytes`), {
          code: "ECONNRESET",
        });
      } catch (cause) {
        options.signal?.throwIfAborted();
        if (++failures >= 5) {
          throw new SlipwayError(
            "OCI_UNREACHABLE",
            `Cannot read the blob ${wanted.digest} of ${reference.registry}/${reference.repository}: the connection broke ${failures} times`,
            {
              cause,
              hint: "Run the command again when the network is better",
            },
          );
        }
      }
    }
  }

  const fetchBlob = async (
    reference: Reference,
    wanted: Descriptor,
    store: ContentStore,
    options: TransferOptions,
  ): Promise<void> => {
    if (await store.has(wanted)) return;
    await read(reference, options, (base) =>
      store.write(blobBytes(reference, wanted, base, options), {
        expect: wanted.digest,
        mediaType: wanted.mediaType,
      }),
    );
  };

  /** The first of the mirrors and the registry itself that has a blob. */
  const placeOf = (reference: Reference, blob: Descriptor, options: TransferOptions): Promise<string> =>
    read(reference, options, async (base) => {
      const doing = `read the blob ${blob.digest} of ${reference.registry}/${reference.repository}`;
      const answer = await call(
        reference,
        { method: "HEAD", path: `blobs/${blob.digest}`, access: "pull", doing, signal: options.signal },
        base,
      );
      answer.discard();
      return base;
    });

  const smallBlob = async (
    reference: Reference,
    wanted: Descriptor,
    options: TransferOptions,
  ): Promise<Buffer> =>
    read(reference, options, async (base) => {
      const parts: Buffer[] = [];
      for await (const part of blobBytes(reference, wanted, base, options)) parts.push(part);
      const bytes = Buffer.concat(parts);
      if (digestOf(bytes) !== wanted.digest)
        throw new SlipwayError(
          "OCI_DIGEST",
          `The blob ${wanted.digest} of ${formatReference(reference)} came with other content`,
        );
      return bytes;
    });

  /** The manifest of one platform: an index is followed. */
  const platformManifest = async (reference: Reference, options: PullOptions) => {
    const top = await manifest(reference, options);
    if (!("manifests" in top.value)) return { top, manifest: top.value };
    const chosen = choosePlatform(top.value, options.platform ?? thisPlatform(), formatReference(reference));
    const { registry, repository } = reference;
    const { value } = await manifest({ registry, repository, digest: chosen.digest }, options);
    if ("manifests" in value)
      throw new SlipwayError("OCI_MANIFEST", `${formatReference(reference)} is an index of indexes`);
    return { top, manifest: value };
  };

  const upload = async (
    reference: Reference,
    blob: Descriptor,
    source: () => Buffer | AsyncIterable<Buffer>,
    from: string | undefined,
    options: TransferOptions,
  ): Promise<void> => {
    const doing = `push to ${formatReference(reference)}`;
    const common = { access: "push", doing, signal: options.signal } as const;
    const head = await call(reference, {
      ...common,
      method: "HEAD",
      path: `blobs/${blob.digest}`,
      accept: [404],
    });
    head.discard();
    if (head.status !== 404) return;
    for (let attempt = 1; ; attempt++) {
      const mount =
        from === undefined || attempt > 1 ? "" : `?mount=${blob.digest}&from=${encodeURIComponent(from)}`;
      const begun = await call(reference, {
        ...common,
        method: "POST",
        path: `blobs/uploads/${mount}`,
        body: Buffer.alloc(0),
      });
      begun.discard();
      if (begun.status === 201) return;
      const place = new URL(begun.headers["location"] ?? "", begun.url);
      place.searchParams.set("digest", blob.digest);
      const headers = { "content-type": "application/octet-stream", "content-length": String(blob.size) };
      try {
        const ended = await call(reference, {
          ...common,
          method: "PUT",
          path: place.href,
          headers,
          body: source(),
        });
        ended.discard();
        options.onProgress?.({ digest: blob.digest, bytes: blob.size, total: blob.size });
        return;
      } catch (error) {
        options.signal?.throwIfAborted();
        const mayHelp =
          error instanceof SlipwayError &&
          ["OCI_UNREACHABLE", "OCI_BUSY", "OCI_UNAUTHORIZED"].includes(error.code);
        if (!mayHelp || attempt >= 4) throw error;
      }
    }
  };

  const hasManifest = async (
    reference: Reference,
    digest: Digest,
    options: TransferOptions,
  ): Promise<boolean> => {
    const answer = await call(reference, {
      method: "HEAD",
      path: `manifests/${digest}`,
      access: "push",
      accept: [404],
      headers: { accept: MANIFESTS },
      doing: `push to ${formatReference(reference)}`,
      signal: options.signal,
    });
    answer.discard();
    return answer.status !== 404;
  };

  const putManifest = async (
    reference: Reference,
    body: Buffer,
    options: TransferOptions,
  ): Promise<Descriptor> => {
    const digest = digestOf(body);
    const answer = await call(reference, {
      method: "PUT",
      path: `manifests/${reference.tag ?? digest}`,
      access: "push",
      headers: { "content-type": mediaTypes.ociManifest },
      body,
      doing: `push to ${formatReference(reference)}`,
      signal: options.signal,
    });
    answer.discard();
    return { mediaType: mediaTypes.ociManifest, digest, size: body.length };
  };

  return {
    async resolve(reference, options = {}) {
      try {
        const { digest, mediaType, size } = await manifest(reference, options);
        return { digest, mediaType, size };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    async config(reference, options = {}) {
      try {
        const found = await platformManifest(reference, options);
        const bytes = await smallBlob(reference, found.manifest.config, options);
        const { digest, mediaType, size } = found.top;
        return {
          descriptor: { digest, mediaType, size },
          config: parseImageConfig(bytes, found.manifest.layers.length, formatReference(reference)),
        };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    async pull(reference, store, options = {}) {
      const { top, manifest: found } = await platformManifest(reference, options);
      const bytes = await smallBlob(reference, found.config, options);
      const config = parseImageConfig(bytes, found.layers.length, formatReference(reference));
      const diffIds = config.rootfs.diff_ids;
      const origin = `${reference.registry}/${reference.repository}`;
      const layers = found.layers.map((blob, index): Layer => ({
        diffId: diffIds[index] as Digest,
        blob,
        origin,
      }));
      if (options.layers !== "later") {
        await inParallel(found.layers, options.jobs ?? 4, (blob) =>
          fetchBlob(reference, blob, store, options),
        );
      }
      return { config, layers, base: { reference: formatReference(reference), digest: top.digest } };
    },

    async *readLayer(layer, store, options = {}) {
      const { blob, origin } = layer;
      if (blob === undefined || origin === undefined) {
        throw new SlipwayError(
          "OCI_BLOB_MISSING",
          `Layer ${layer.diffId} is not in the store, and nobody knows where it came from`,
        );
      }
      const reference = splitOrigin(origin);
      const base = await placeOf(reference, blob, options);
      const copy = new PassThrough();
      const stored = store.write(copy, { expect: blob.digest, mediaType: blob.mediaType });
      stored.catch(() => copy.destroy());
      try {
        for await (const chunk of blobBytes(reference, blob, base, options)) {
          if (!copy.write(chunk) && !copy.destroyed) await Promise.race([once(copy, "drain"), stored]);
          yield chunk;
        }
        copy.end();
        await stored;
      } finally {
        copy.destroy();
        await stored.catch(() => undefined);
      }
    },

    async push(image, reference, store, options = {}) {
      const config = Buffer.from(JSON.stringify(image.config));
      const configBlob: Descriptor = {
        mediaType: mediaTypes.ociConfig,
        digest: digestOf(config),
        size: config.length,
      };
      const layers = image.layers.map((layer) => {
        if (layer.blob === undefined)
          throw new SlipwayError("OCI_NO_BLOB", `Layer ${layer.diffId} has no blob to push`);
        return {
          layer,
          blob: {
            mediaType: ociType(layer.blob.mediaType),
            digest: layer.blob.digest,
            size: layer.blob.size,
          },
        };
      });
      await inParallel(layers, options.jobs ?? 4, async ({ layer, blob }) => {
        const origin = layer.origin === undefined ? undefined : splitOrigin(layer.origin);
        const from = origin?.registry === reference.registry ? origin.repository : undefined;
        const isHere = await store.has(blob);
        if (!isHere && origin === undefined)
          throw new SlipwayError("OCI_NO_BLOB", `The blob ${blob.digest} is not in the store`, {
            hint: "Build again",
          });
        const place = isHere || origin === undefined ? undefined : await placeOf(origin, blob, options);
        const source = (): AsyncIterable<Buffer> =>
          place === undefined || origin === undefined
            ? store.readStream(blob.digest)
            : blobBytes(origin, blob, place, options);
        await upload(reference, blob, source, from, options);
      });
      await upload(reference, configBlob, () => config, undefined, options);
      const body = manifestBody({ config: configBlob, layers: layers.map(({ blob }) => blob) });
      return putManifest(reference, body, options);
    },

    async readArtifact(reference, options = {}) {
      const { value, digest, mediaType, size } = await manifest(reference, options);
      if ("manifests" in value)
        throw new SlipwayError("OCI_MANIFEST", `${formatReference(reference)} is an index, not an artifact`);
      const blobs = [value.config, ...value.layers];
      const tooLarge = blobs.find((blob) => blob.size > ARTIFACT_LIMIT);
      if (tooLarge !== undefined)
        throw new SlipwayError(
          "OCI_MANIFEST",
          `The blob ${tooLarge.digest} of ${formatReference(reference)} is larger than ${ARTIFACT_LIMIT} bytes`,
        );
      const [config, ...layers] = await Promise.all(
        blobs.map(async (blob) => ({
          mediaType: blob.mediaType,
          data: await smallBlob(reference, blob, options),
        })),
      );
      return {
        config: config as ArtifactBlob,
        layers,
        descriptor: { digest, mediaType, size },
        ...(value.annotations === undefined ? {} : { annotations: value.annotations }),
      };
    },

    async pushArtifact({ config, layers, annotations }, reference, options = {}) {
      const [configBlob, ...blobs] = [config, ...layers].map(({ mediaType, data }): Descriptor => ({
        mediaType,
        digest: digestOf(data),
        size: data.length,
      }));
      const parts = { config: configBlob as Descriptor, layers: blobs };
      const body = artifactBody(annotations === undefined ? parts : { ...parts, annotations });
      if (!(await hasManifest(reference, digestOf(body), options))) {
        for (const { data, mediaType } of [...layers, config]) {
          const blob = { mediaType, digest: digestOf(data), size: data.length };
          await upload(reference, blob, () => data, undefined, options);
        }
      }
      return putManifest(reference, body, options);
    },

    async ping(registry, options = {}) {
      const reference = { registry, repository: "" };
      const doing = `log in to ${registry}`;
      const answer = await call(reference, { path: "", access: "pull", doing, signal: options.signal });
      answer.discard();
    },

    async tags(reference, options = {}) {
      const tags: string[] = [];
      const asked = new Set<string>();
      let path: string | undefined = "tags/list?n=1000";
      while (path !== undefined) {
        if (asked.has(path) || tags.length > MAX_TAGS || asked.size > MAX_PAGES) {
          throw new SlipwayError(
            "OCI_REGISTRY",
            `Cannot list the tags of ${reference.registry}/${reference.repository}: the list has no end`,
          );
        }
        asked.add(path);
        const doing = `list the tags of ${reference.registry}/${reference.repository}`;
        const answer = await call(reference, { path, access: "pull", doing, signal: options.signal });
        for (const tag of tagsIn(await answer.bytes(32 << 20), doing)) tags.push(tag);
        const next = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers["link"] ?? "")?.[1];
        path =
          next === undefined || !URL.canParse(next, answer.url) ? undefined : new URL(next, answer.url).href;
      }
      return tags;
    },

    async delete(reference, options = {}) {
      const digest = reference.digest ?? (await this.resolve(reference, options))?.digest;
      if (digest === undefined) return false;
      const doing = `delete ${formatReference(reference)}`;
      const answer = await call(reference, {
        method: "DELETE",
        path: `manifests/${digest}`,
        access: "push",
        accept: [404],
        doing,
        signal: options.signal,
      });
      answer.discard();
      return answer.status !== 404;
    },
  };
}

/** Far more than any repository has: a server may answer with pages for ever. */
const MAX_TAGS = 1_000_000;
const MAX_PAGES = 1_000;

function tagsIn(page: Buffer, doing: string): readonly string[] {
  let listed: unknown;
  try {
    listed = (JSON.parse(page.toString()) as { readonly tags?: unknown } | null)?.tags ?? [];
  } catch (cause) {
    throw new SlipwayError("OCI_REGISTRY", `Cannot ${doing}: the answer is no list of tags`, { cause });
  }
  return Array.isArray(listed) ? listed.filter((tag) => typeof tag === "string") : [];
}

function manifestBody(parts: Pick<Manifest, "config" | "layers" | "annotations">): Buffer {
  const value: Manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, ...parts };
  return Buffer.from(JSON.stringify(value));
}

/** The bytes that ORAS and with it Helm write: the same artifact has the same digest, whoever uploads it. */
function artifactBody({
  annotations,
  ...parts
}: Pick<Manifest, "config" | "layers" | "annotations">): Buffer {
  const sorted = Object.entries(annotations ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const value = {
    schemaVersion: 2,
    ...parts,
    ...(annotations === undefined ? {} : { annotations: Object.fromEntries(sorted) }),
  };
  const escape = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return Buffer.from(JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escape));
}

function isNotFound(error: unknown): boolean {
  return error instanceof SlipwayError && error.code === "OCI_NOT_FOUND";
}

function ociType(mediaType: string): string {
  return mediaType === mediaTypes.dockerLayer ? mediaTypes.ociLayerGzip : mediaType;
}

function splitOrigin(origin: string): Reference {
  const slash = origin.indexOf("/");
  return { registry: origin.slice(0, slash), repository: origin.slice(slash + 1) };
}

async function inParallel<T>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const workers = Array.from({ length: Math.min(jobs, items.length) }, async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  });
  await Promise.all(workers);
}
