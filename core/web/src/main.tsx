// Start: theme before the first paint, then the application.
import { createRoot } from "react-dom/client";

createRoot(document.getElementById("root")!).render(<p>epochlog</p>);
