// A unified diff in colours, file by file; large files open on demand.
import { useMemo, useState } from "react";
import { formatCount } from "../../base/format";
import { Button } from "../../components/Button";
import { Empty } from "../../components/Panel";
import { parseDiff, type DiffFile } from "./diff";

const LINES_OPEN = 400;
const PAGE = 2000;

export function DiffView({ text, empty }: { text: string; empty: string }) {
  const files = useMemo(() => parseDiff(text), [text]);
  if (!files.length) return <Empty>{empty}</Empty>;
  return <div className="diff">{files.map((file, i) => <FileDiff key={i} file={file} open={i < 20 && file.lines.length <= LINES_OPEN} />)}</div>;
}

function FileDiff({ file, open }: { file: DiffFile; open: boolean }) {
  const [opened, setOpened] = useState(open);
  const [shown, setShown] = useState(PAGE);
  return (
    <details open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>
        <span className="mono">{file.name || "(no name)"}</span>
        <span className="diff-added">+{formatCount(file.added)}</span>
        <span className="diff-removed">−{formatCount(file.removed)}</span>
      </summary>
      {opened && (
        <div className="diff-lines" tabIndex={0} role="region" aria-label={`Changes of ${file.name}`}>
          <table>
            <tbody>
              {file.lines.slice(0, shown).map((line, i) => (
                <tr key={i} className={line.kind}>
                  <td className="line-number">{line.before}</td>
                  <td className="line-number">{line.after}</td>
                  <td className="sign" aria-hidden="true">{line.kind === "added" ? "+" : line.kind === "removed" ? "−" : ""}</td>
                  <td className="line-text">{line.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {file.lines.length > shown && <Button kind="quiet" onClick={() => setShown(shown + 5 * PAGE)}>{formatCount(file.lines.length - shown)} more lines</Button>}
        </div>
      )}
    </details>
  );
}
