// A unified diff to read: files that fold, lines marked by sign and colour.
import { useMemo, useState } from "react";
import { Button } from "../../components/Button";
import { parseDiff, type DiffFile } from "./diff";

const LINES_FIRST = 400;
const SIGNS = { same: " ", added: "+", removed: "−", hunk: "", note: "" } as const;

export function DiffView({ text, truncated }: { text: string; truncated: boolean }) {
  const files = useMemo(() => parseDiff(text), [text]);
  return (
    <div className="diff-view">
      <p className="muted">
        {files.length} {files.length === 1 ? "file" : "files"} differ{files.length === 1 ? "s" : ""}
        {truncated && "; the difference is very long, only its beginning is shown"}
      </p>
      {files.map((file, i) => <File key={`${i} ${file.name}`} file={file} open={i < 20} />)}
    </div>
  );
}

function File({ file, open }: { file: DiffFile; open: boolean }) {
  const [shown, setShown] = useState(LINES_FIRST);
  const [opened, setOpened] = useState(open);
  return (
    <details open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>
        <span className="mono">{file.name || "code"}</span>
        <span className="added">+{file.added}</span>
        <span className="removed">−{file.removed}</span>
      </summary>
      {opened && (
        <div className="diff-lines" tabIndex={0} role="region" aria-label={`Changes of ${file.name || "code"}`}>
          <table>
            <tbody>
              {file.lines.slice(0, shown).map((line, i) => (
                <tr key={i} className={line.kind}>
                  <td className="at">{line.before}</td>
                  <td className="at">{line.after}</td>
                  <td className="sign">{SIGNS[line.kind]}</td>
                  <td className="text">{line.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {file.lines.length > shown && <Button kind="quiet" onClick={() => setShown(shown * 4)}>{file.lines.length - shown} more lines</Button>}
        </div>
      )}
    </details>
  );
}
