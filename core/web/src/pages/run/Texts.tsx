// Logged texts and the recorder's notices.
import { useState } from "react";
import { api } from "../../api";
import { formatAgo, formatCount, formatDate } from "../../base/format";
import { useQuery } from "../../base/useQuery";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { Failed, Panel } from "../../components/Panel";
import type { RunDetail } from "../../wire/types";

const OPEN_UP_TO = 1500;

export function Notices({ run }: { run: RunDetail }) {
  if (!run.notices.length) return null;
  return (
    <Panel title={<>Notices<span className="count">{run.notices.length}</span></>}>
      <ul className="notices">
        {run.notices.map((notice, i) => (
          <li key={i} className={notice.level}>
            <Icon name={notice.level === "info" ? "info" : "warning"} />
            <div>
              <p className="plain">{notice.text}</p>
              <span className="faint" title={formatDate(notice.at)}>{[notice.source, notice.at === null ? "" : formatAgo(notice.at)].filter(Boolean).join(" · ")}</span>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function Texts({ run }: { run: RunDetail }) {
  if (!run.texts.length) return null;
  return (
    <Panel title={<>Texts<span className="count">{run.texts.length}</span></>}>
      <div className="texts">
        {run.texts.map((text, i) => <OneText key={text.index} run={run.id} text={text} open={i === 0 && run.texts.length <= 3 && text.length <= OPEN_UP_TO} />)}
      </div>
    </Panel>
  );
}

function OneText({ run, text, open }: { run: string; text: RunDetail["texts"][number]; open: boolean }) {
  const [all, setAll] = useState(false);
  const cut = text.length > text.text.length;
  const whole = useQuery(all && cut ? `text/${run}/${text.index}` : null, (signal) => api.text(run, text.index, signal));
  return (
    <details open={open}>
      <summary>
        <span className="text-key">{text.key}</span>
        <span className="faint">{text.step !== null && `step ${text.step} · `}{formatCount(text.length)} characters</span>
      </summary>
      <pre className="text-body" tabIndex={0} aria-label={text.key}>{whole.data?.text ?? text.text}</pre>
      {whole.error && <Failed error={whole.error} retry={whole.reload} />}
      {cut && !whole.data && <Button kind="quiet" disabled={whole.loading && all} onClick={() => setAll(true)}>Show all of it</Button>}
    </details>
  );
}
