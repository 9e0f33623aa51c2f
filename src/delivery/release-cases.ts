import type * as cases from "./deploy.ts";
import type * as charts from "./helm-render.ts";
import type * as lookups from "./live-lookup.ts";

// Charts, clusters and releases are more code than all that a build loads: they come when one of these is called.

/** @see cases.deploy */
export const deploy: typeof cases.deploy = async (...given) => (await import("./deploy.ts")).deploy(...given);

/** @see cases.render */
export const render: typeof cases.render = async (...given) => (await import("./deploy.ts")).render(...given);

/** @see cases.dismiss */
export const dismiss: typeof cases.dismiss = async (...given) =>
  (await import("./deploy.ts")).dismiss(...given);

/** @see lookups.renderWithLookups */
export const renderWithLookups: typeof lookups.renderWithLookups = async (...given) =>
  (await import("./live-lookup.ts")).renderWithLookups(...given);

/** @see charts.renderHelmChart */
export const renderHelmChart: typeof charts.renderHelmChart = async (...given) =>
  (await import("./helm-render.ts")).renderHelmChart(...given);
