import type { TestContext } from "node:test";
import type { Part, PartName } from "./part.ts";
import { PARTS } from "./parts.ts";

/**
 * Brings parts up for a test. Answers false when this machine cannot have them, after marking the test as skipped with the
 * reason; with `CI=true` in the environment a missing part fails the test instead.
 */
export async function requireEnvironment(names: readonly PartName[], test: TestContext): Promise<boolean> {
  const reason = await whatIsLacking(names);
  if (reason !== undefined) {
    if (process.env["CI"] === "true") throw new Error(`The test environment is incomplete: ${reason}`);
    test.skip(reason);
    return false;
  }
  await bringUp(names);
  return true;
}

/** Why this machine cannot have all these parts, naming the first that is missing; undefined when it can. */
export async function whatIsLacking(names: readonly PartName[]): Promise<string | undefined> {
  for (const part of withNeeds(names)) {
    const reason = await part.lacks();
    if (reason !== undefined) return `${part.name}: ${reason}`;
  }
  return undefined;
}

/** Brings parts up with all that they need, side by side where they do not need each other. */
export async function bringUp(names: readonly PartName[]): Promise<void> {
  const parts = withNeeds(names);
  const up = (part: Part): Promise<void> => {
    const known = inProgress.get(part.name);
    if (known !== undefined) return known;
    const work = Promise.all(partsCalled(part.needs).map(up)).then(() => part.up());
    inProgress.set(part.name, work);
    return work;
  };
  await Promise.all(parts.map(up));
}

/** Ends what runs of these parts, or of all; what is cached stays. */
export async function takeDown(names: readonly PartName[] = PARTS.map(({ name }) => name)): Promise<void> {
  for (const part of partsCalled(names).toReversed()) {
    inProgress.delete(part.name);
    await part.down();
  }
}

/** A part is brought up once by each process, and one that failed is not tried again. */
const inProgress = new Map<PartName, Promise<void>>();

/** The parts and all that they need, each after its needs. */
function withNeeds(names: readonly PartName[]): readonly Part[] {
  const wanted = new Set<PartName>();
  const add = (part: Part): void => {
    partsCalled(part.needs).forEach(add);
    wanted.add(part.name);
  };
  partsCalled(names).forEach(add);
  return partsCalled([...wanted]);
}

function partsCalled(names: readonly PartName[]): readonly Part[] {
  return PARTS.filter(({ name }) => names.includes(name));
}
