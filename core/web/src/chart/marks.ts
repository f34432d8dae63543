// Shapes of points, each readable without its colour, and text that fits.

export type Shape = "dot" | "ring" | "cross" | "diamond" | "star" | "square";

export function mark(g: CanvasRenderingContext2D, shape: Shape, x: number, y: number, r: number, color: string): void {
  g.strokeStyle = color;
  g.fillStyle = color;
  g.lineWidth = 1.6;
  g.beginPath();
  switch (shape) {
    case "dot":
      g.arc(x, y, r, 0, Math.PI * 2);
      g.fill();
      return;
    case "ring":
      g.arc(x, y, r, 0, Math.PI * 2);
      g.stroke();
      return;
    case "cross":
      g.moveTo(x - r, y - r);
      g.lineTo(x + r, y + r);
      g.moveTo(x - r, y + r);
      g.lineTo(x + r, y - r);
      g.stroke();
      return;
    case "square":
      g.rect(x - r, y - r, 2 * r, 2 * r);
      g.stroke();
      return;
    case "diamond":
      g.moveTo(x, y - r * 1.3);
      g.lineTo(x + r * 1.3, y);
      g.lineTo(x, y + r * 1.3);
      g.lineTo(x - r * 1.3, y);
      g.closePath();
      g.stroke();
      return;
    case "star":
      for (let i = 0; i < 10; i++) {
        const far = i % 2 ? r * 0.9 : r * 2;
        const angle = (Math.PI * i) / 5 - Math.PI / 2;
        g.lineTo(x + far * Math.cos(angle), y + far * Math.sin(angle));
      }
      g.closePath();
      g.fill();
  }
}

/** The text cut with "…" so that it is at most `width` wide. */
export function fitted(g: CanvasRenderingContext2D, text: string, width: number): string {
  if (g.measureText(text).width <= width) return text;
  let low = 0;
  let high = Math.min(text.length, 200);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (g.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return low ? `${text.slice(0, low)}…` : "";
}

/** A text that may hold newlines or be very long, as one short line. */
export function oneLine(text: string, chars = 120): string {
  const line = text.slice(0, chars * 4).replace(/\s+/g, " ");
  return line.length > chars ? `${line.slice(0, chars - 1)}…` : line;
}
