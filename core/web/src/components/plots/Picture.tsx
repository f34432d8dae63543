// Logged figures: SVG and PNG as pictures, in which nothing can run; other formats as text and a file.
import { useEffect, useState } from "react";
import type { KindProps } from "./Curves";
import { record, toText, type PlotOfRun } from "./data";
import { JsonTree } from "./JsonTree";

export function Picture({ runs, name }: KindProps) {
  return (
    <div className="side-by-side">
      {runs.map((run) => (
        <figure key={run.run}>
          {runs.length > 1 && <figcaption><span className="swatch" style={{ background: run.color }} />{run.label}</figcaption>}
          <OneFigure run={run} name={name} />
        </figure>
      ))}
    </div>
  );
}

function OneFigure({ run, name }: { run: PlotOfRun; name: string }) {
  const data = record(run.data);
  const format = toText(data.format);
  const type = format === "svg" ? "image/svg+xml" : format === "png" ? "image/png" : "";
  const content = data.content ?? null;
  const address = usePicture(type && typeof content === "string" ? content : null, type);
  if (type) return address ? <img className="logged-figure" src={address} alt={`${name} of ${run.label}`} /> : null;
  return (
    <>
      <p className="plot-note">A {format || "foreign"} figure: its specification, to be drawn by its own library.</p>
      <JsonTree value={typeof content === "string" ? parsed(content) : content} />
    </>
  );
}

function parsed(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A blob: address of a picture, as long as it is shown. SVG inside <img> runs no scripts and loads nothing. */
function usePicture(content: string | null, type: string): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (content === null) return;
    const made = URL.createObjectURL(new Blob([type === "image/png" ? bytes(content) : content], { type }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [content, type]);
  return address;
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64.replace(/^data:[^,]*,/, "").replace(/\s/g, ""));
  const array = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) array[i] = text.charCodeAt(i);
  return array;
}
