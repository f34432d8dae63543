// Start: theme before the first paint, then the live line and the application.
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { startTheme } from "./app/theme";
import { live } from "./base/useLive";
import "./styles/base.css";
import "./styles/components.css";
import "./styles/shell.css";
import "./styles/chart.css";
import "./styles/grid.css";
import "./styles/runs.css";

startTheme();
live.start();
createRoot(document.getElementById("root")!).render(<App />);
