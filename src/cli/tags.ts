import { SlipwayError } from "#errors";
import type { TagRequest, TagStrategy } from "#delivery";
import type { Invocation } from "./command.ts";

const FLAGS: Readonly<Record<string, TagStrategy>> = {
  "tag-custom": "custom",
  "tag-git-tag": "git-tag",
  "tag-git-branch": "git-branch",
  "tag-git-commit": "git-commit",
};
const TAG = /^\w[\w.-]{0,127}$/;

/** Where images go and by which tags, from the flags. */
export function tagRequest(call: Invocation): TagRequest {
  const repo = call.flags.text("images-repo");
  if (repo === undefined) {
    throw new SlipwayError("IMAGES_REPO", "--images-repo REPO param required", {
      hint: "Or set $WERF_IMAGES_REPO",
    });
  }
  const tags = tagsOf(call);
  if (tags.length === 0) {
    throw new SlipwayError(
      "TAG_REQUIRED",
      "tag should be specified with --tag-by-stages-signature, --tag-custom, --tag-git-tag, --tag-git-branch or --tag-git-commit",
      {
        hint: "Content decides with --tag-by-stages-signature: the same content keeps its tag, and pods are not restarted",
      },
    );
  }
  return { repo, mode: repoMode(call), tags };
}

/** The tags asked for; by stages signature each image has its own, so the tag is absent. */
export function tagsOf(call: Invocation): TagRequest["tags"] {
  const tags: { strategy: TagStrategy; tag?: string }[] = [];
  for (const [flag, strategy] of Object.entries(FLAGS)) {
    const given = flag === "tag-custom" ? call.flags.list(flag) : [call.flags.text(flag)];
    for (const tag of given) {
      if (tag === undefined) continue;
      if (!TAG.test(tag))
        throw new SlipwayError("TAG_INVALID", `--${flag} "${tag}" is not a tag`, {
          hint: "A tag has letters, digits, _ . - and at most 128 of them",
        });
      tags.push({ strategy, tag });
    }
  }
  if (call.flags.bool("tag-by-stages-signature")) tags.push({ strategy: "stages-signature" });
  return tags;
}

export function repoMode(call: Invocation): "multirepo" | "monorepo" {
  const mode = call.flags.text("images-repo-mode") ?? "auto";
  if (mode === "auto" || mode === "multirepo") return "multirepo";
  if (mode === "monorepo") return "monorepo";
  throw new SlipwayError("REPO_MODE", `--images-repo-mode takes auto, multirepo or monorepo, not "${mode}"`, {
    exitCode: 2,
  });
}
