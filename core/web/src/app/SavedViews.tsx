// The menu of named views: opens one, names what is shown now, forgets one.
import { useEffect, useState } from "react";
import { api } from "../api";
import { useSignal } from "../base/signal";
import { useQuery } from "../base/useQuery";
import { Button, IconButton } from "../components/Button";
import { Popover } from "../components/Popover";
import { useRoute } from "./router";
import { openViews, removeView, savedViews, saveView } from "./views";

export function SavedViews() {
  const info = useQuery("info", (signal) => api.info(signal));
  const store = info.data?.store;
  useEffect(() => {
    if (store !== undefined) openViews(store);
  }, [store]);
  return (
    <Popover label="Saved views" icon="bookmark" align="right">
      {(close) => <Menu close={close} />}
    </Popover>
  );
}

function Menu({ close }: { close: () => void }) {
  const views = useSignal(savedViews);
  useRoute();
  const [name, setName] = useState("");
  const wanted = name.trim();
  const here = location.hash || "#/runs";
  return (
    <div className="views-menu">
      {!views.length && <p className="menu-label">A view is all that the address holds: filter, columns, groups, charts. Name this one to come back to it.</p>}
      <ul aria-label="Saved views">
        {views.map((view) => (
          <li key={view.name}>
            <a href={view.hash} className="menu-item" aria-current={view.hash === here ? "page" : undefined} onClick={close}><span className="ellipsis">{view.name}</span></a>
            <IconButton icon="close" label={`Forget the view ${view.name}`} onClick={() => removeView(view.name)} />
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!wanted) return;
          saveView(wanted, here);
          setName("");
        }}
      >
        <input type="text" aria-label="Name of this view" placeholder="Name of this view" maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />
        <Button kind="primary" disabled={!wanted} onClick={() => { saveView(wanted, here); setName(""); }}>{views.some((view) => view.name === wanted) ? "Replace" : "Save"}</Button>
      </form>
      <p className="menu-label">Kept by this browser; a link works everywhere.</p>
    </div>
  );
}
