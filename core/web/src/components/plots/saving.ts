// Files of a plot: its numbers as CSV, its drawing as SVG or PNG with the colours that are on the screen.
import { csv, save, saveText } from "../../base/files";
import { isRecord, type PlotOfRun } from "./data";
import type { Json } from "../../wire/types";

const STYLES = ["fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "stroke-opacity", "fill-opacity", "opacity", "font-size", "font-family", "font-weight", "display"];

/** Columns of equal length become rows; of curves, each row says which run and curve it is of. */
export function plotCsv(runs: readonly PlotOfRun[]): string {
  const head = new Set<string>();
  const rows: Record<string, Json>[] = [];
  for (const run of runs) {
    const data = isRecord(run.data) ? run.data : { value: run.data };
    const parts: { of: Record<string, Json>; columns: Record<string, Json> }[] = Array.isArray(data.curves)
      ? data.curves.filter(isRecord).map((curve) => ({ of: { curve: curve.label ?? null }, columns: curve }))
      : [{ of: {}, columns: flat(data) }];
    for (const { of, columns } of parts) {
      const lists = Object.entries(columns).filter((entry): entry is [string, Json[]] => Array.isArray(entry[1]));
      const length = Math.max(0, ...lists.map(([, values]) => values.length));
      for (let i = 0; i < length; i++) {
        const row: Record<string, Json> = { run: run.label, ...of };
        for (const [name, values] of lists) row[name] = values[i] ?? null;
        for (const name of Object.keys(row)) head.add(name);
        rows.push(row);
      }
    }
  }
  const names = [...head];
  return csv(names, rows.map((row) => names.map((name) => row[name] ?? null)));
}

/** Nested mappings of lists (importance by measure) as columns "importance.gain". */
function flat(data: Record<string, Json>): Record<string, Json> {
  const found: Record<string, Json> = {};
  for (const [name, value] of Object.entries(data)) {
    if (isRecord(value)) for (const [inner, each] of Object.entries(value)) found[`${name}.${inner}`] = each;
    else found[name] = value;
  }
  return found;
}

/** The drawing as a document of its own: what style sheets say is written into it. */
function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, i) => {
    const style = getComputedStyle(from[i]!);
    for (const name of STYLES) element.setAttribute(name, style.getPropertyValue(name));
    element.removeAttribute("class");
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", getComputedStyle(document.body).backgroundColor);
  copy.insertBefore(ground, copy.firstChild);
  return new XMLSerializer().serializeToString(copy);
}

export function saveSvg(svg: SVGSVGElement, name: string): void {
  saveText(standalone(svg), `${name}.svg`, "image/svg+xml");
}

export async function savePng(svg: SVGSVGElement, name: string): Promise<void> {
  const address = URL.createObjectURL(new Blob([standalone(svg)], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = svg.clientWidth * 2;
    canvas.height = svg.clientHeight * 2;
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done));
    if (blob) save(blob, `${name}.png`);
  } finally {
    URL.revokeObjectURL(address);
  }
}
