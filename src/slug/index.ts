/**
 * Names made fit for where they go: slug() for docker tags, Helm releases and namespaces, limitedSlug() for labels,
 * projectSlug() for a project name to propose. The same input always gives the name that werf 1.1 gives.
 *
 * @see werf 1.1, `werf slugify`
 */
export {
  isValidName,
  isValidProjectName,
  limitedSlug,
  nameRule,
  projectSlug,
  slug,
  type SlugClass,
} from "./slug.ts";
