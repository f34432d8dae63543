// The first page: nothing was recorded yet, so here is the one line, to copy.
import { useLive } from "../../base/useLive";
import { Button } from "../../components/Button";

const SNIPPET = `import epochlog

epochlog.autolog()          # the one line

model.fit(X_train, y_train) # as ever`;

export function Welcome({ store }: { store?: string }) {
  useLive([], true, () => location.reload());
  return (
    <div className="page">
      <div className="welcome">
        <h1>No runs yet</h1>
        <p className="muted">Add one line above your training. Its params, metrics, curves, data, code and environment show up here by themselves.</p>
        <pre><code>{SNIPPET}</code></pre>
        <p className="muted">Nothing to train at hand? <code>epochlog demo</code> trains five small models in half a minute.</p>
        {store && <p className="faint">Store: <code>{store}</code></p>}
        <div><Button onClick={() => location.reload()}>Look again</Button></div>
      </div>
    </div>
  );
}
