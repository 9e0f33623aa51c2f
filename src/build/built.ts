import { SlipwayError } from "#errors";
import { shownName } from "#project";
import type { BuiltImage } from "./execute.ts";
import type { BuildPlan } from "./plan.ts";

/**
 * The images of a plan that needs no building, for commands that never build.
 *
 * @throws {SlipwayError} BUILD_STAGES_REQUIRED naming the first stage of each image that is not stored.
 */
export function builtImages(plan: BuildPlan): readonly BuiltImage[] {
  const missing: string[] = [];
  const built = plan.images.flatMap(({ image, stages, contentSignature }): BuiltImage[] => {
    const lacking = stages.find((stage) => stage.action.verb === "build");
    const action = stages.at(-1)?.action;
    if (lacking !== undefined)
      missing.push(`${shownName(image.name)}/${lacking.name} with signature ${lacking.signature}`);
    if (lacking !== undefined || action?.verb !== "reuse") return [];
    return [
      {
        name: image.name,
        isArtifact: image.isArtifact,
        contentSignature,
        record: action.record,
        isReused: true,
      },
    ];
  });
  if (missing.length === 0) return built;
  throw new SlipwayError(
    "BUILD_STAGES_REQUIRED",
    `Stages required: ${missing.join(", ")} not in the stages storage`,
    {
      hint:
        "Build them first: slipway build. If they were built before: is it the same commit, does werf.yaml render the same " +
        "(slipway config render), and is it the same stages storage?",
    },
  );
}
