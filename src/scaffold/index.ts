/**
 * New charts: the files of a first chart (newChart), and a chart made of another one that serves as a pattern
 * (chartFromStarter). Both have the form that `helm create` gives; nothing is written here.
 */
export { chartFromStarter, newChart } from "./new-chart.ts";
