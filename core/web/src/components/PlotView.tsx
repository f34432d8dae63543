// A logged plot by its kind; the drawings themselves are in plots/.
export { PlotView, type PlotOfRun } from "./plots/PlotView";
