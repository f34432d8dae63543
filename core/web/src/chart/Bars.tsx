// Horizontal bars with their numbers: importance of params and the like. Plain HTML, so it reads and selects as text.
import { formatNumber } from "../base/format";
import "./bars.css";

export interface Bar {
  name: string;
  /** 0 or more. */
  value: number;
  /** −1 … 1: shown as a sign beside the bar. */
  sign?: number | null;
  detail?: string;
}

export function Bars({ label, bars, onPick, digits = 3 }: { label: string; bars: readonly Bar[]; onPick?: (name: string) => void; digits?: number }) {
  const most = Math.max(...bars.map((bar) => bar.value), 1e-12);
  return (
    <ul className={`hbars ${bars.some((bar) => bar.sign !== undefined) ? "signed" : ""}`} aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.name} title={bar.detail}>
          {onPick
            ? <button type="button" className="hbar-name" title={bar.name} onClick={() => onPick(bar.name)}>{bar.name}</button>
            : <span className="hbar-name" title={bar.name}>{bar.name}</span>}
          <span className="hbar-room" aria-hidden="true"><span className="hbar-fill" style={{ width: `${(Math.max(bar.value, 0) / most) * 100}%` }} /></span>
          <span className="hbar-value">{formatNumber(bar.value, digits)}</span>
          {bar.sign !== undefined && (
            <span className={`hbar-sign ${bar.sign === null ? "" : bar.sign > 0 ? "up" : "down"}`}>
              {bar.sign === null ? "" : `${bar.sign > 0 ? "↗" : "↘"} ${formatNumber(bar.sign, 2)}`}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
