// The picture of a chart as a PNG with its title and legend.
import { save } from "../../../base/files";
import { ink } from "../../../chart/axes";
import type { ChartLine } from "../../../chart/model";

const LEGEND_MAX = 30;

export function savePng(name: string, picture: HTMLCanvasElement, lines: readonly ChartLine[], dark: boolean): void {
  const ratio = devicePixelRatio || 1;
  const colors = ink(dark);
  const shown = lines.slice(0, LEGEND_MAX);
  const canvas = document.createElement("canvas");
  const top = 30 * ratio;
  canvas.width = picture.width;
  canvas.height = picture.height + top + (shown.length * 16 + 10) * ratio;
  const ctx = canvas.getContext("2d")!;
  ctx.fillStyle = colors.back;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.drawImage(picture, 0, top);
  ctx.scale(ratio, ratio);
  ctx.fillStyle = colors.text;
  ctx.font = "600 13px sans-serif";
  ctx.fillText(name, 12, 20);
  ctx.font = "11px sans-serif";
  shown.forEach((line, i) => {
    const y = (top + picture.height) / ratio + 14 + i * 16;
    ctx.fillStyle = line.color;
    ctx.fillRect(14, y - 5, 14, 3);
    ctx.fillStyle = colors.text;
    ctx.fillText(line.label.slice(0, 120), 34, y);
  });
  canvas.toBlob((blob) => blob && save(blob, `${name}.png`));
}
