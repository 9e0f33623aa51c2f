import { createHash } from "node:crypto";
import { SlipwayError } from "#errors";
import type { Descriptor } from "#oci";
import type { BuildSession } from "./session.ts";
import { ownLayersOf, type StageRecord } from "./stage.ts";

const CODES: ReadonlySet<string> = new Set(["OCI_DIGEST", "OCI_BLOB_MISSING", "OCI_TAR"]);

/** Whether an error can come of content that was damaged in the store. */
export function isDamage(error: unknown): boolean {
  return error instanceof SlipwayError && (CODES.has(error.code) || isDamage(error.cause));
}

/**
 * Looks through the blobs that stages added, removes those that are not what they should be, and forgets the stages that
 * cannot have them again from where they came. Answers how many blobs and stages went.
 */
export async function dropDamaged(records: readonly StageRecord[], session: BuildSession): Promise<number> {
  const { store } = session.options;
  let dropped = 0;
  for (const record of records) {
    for (const { layer } of ownLayersOf(record)) {
      const { blob } = layer;
      if (blob === undefined || !(await store.has(blob)) || (await isSound(blob, session))) continue;
      await store.remove(blob.digest);
      dropped++;
    }
    if (await session.isWhole(record)) continue;
    await session.storage.delete(record.project, record);
    dropped++;
  }
  return dropped;
}

async function isSound({ digest }: Descriptor, { options }: BuildSession): Promise<boolean> {
  const hash = createHash("sha256");
  for await (const piece of options.store.readStream(digest)) hash.update(piece);
  return `sha256:${hash.digest("hex")}` === digest;
}
