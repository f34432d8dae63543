// A source file with line numbers; Python has its words marked.
import { useMemo, useState } from "react";
import { formatCount } from "../../base/format";
import { Button } from "../../components/Button";
import { highlight } from "./highlight";

const PAGE = 1500;
const MARKED_UP_TO = 300_000;

export function SourceView({ text, name }: { text: string; name: string }) {
  const [shown, setShown] = useState(PAGE);
  const python = /\.(py|pyi|ipynb)$/.test(name) && text.length <= MARKED_UP_TO;
  const lines = useMemo(() => (python ? highlight(text.replace(/\n$/, "")) : text.replace(/\n$/, "").split("\n").map((line) => [{ text: line, look: "" }])), [text, python]);
  return (
    <div className="source" tabIndex={0} role="region" aria-label={name}>
      <table>
        <tbody>
          {lines.slice(0, shown).map((line, i) => (
            <tr key={i}>
              <td className="line-number">{i + 1}</td>
              <td className="line-text">{line.map((piece, j) => (piece.look ? <span key={j} className={`code-${piece.look}`}>{piece.text}</span> : piece.text))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > shown && <Button kind="quiet" onClick={() => setShown(shown + 5 * PAGE)}>{formatCount(lines.length - shown)} more lines</Button>}
    </div>
  );
}
