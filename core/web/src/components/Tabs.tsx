// Tabs whose choice is part of the address, so that a link opens the same one.
import { useEffect, useRef } from "react";
import { href, patched, route, useRoute } from "../app/router";

export interface Tab {
  id: string;
  title: string;
  /** Shown small beside the title. */
  count?: number;
}

export function Tabs({ tabs, param = "tab" }: { tabs: readonly Tab[]; param?: string }) {
  const { page, id, params } = useRoute();
  const chosen = useTab(tabs, param);
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow screen the bar scrolls; the chosen tab is to be seen. Only the bar, never the page.
    const tab = bar.current?.querySelector<HTMLElement>("[aria-selected=true]");
    if (tab && bar.current) bar.current.scrollLeft = tab.offsetLeft + tab.offsetWidth / 2 - bar.current.clientWidth / 2;
  }, [chosen]);
  return (
    <nav className="tabs" role="tablist" ref={bar}>
      {tabs.map((tab) => (
        <a
          key={tab.id}
          role="tab"
          aria-selected={tab.id === chosen}
          className={tab.id === chosen ? "active" : ""}
          href={href(page, id, patched(params, { [param]: tab.id === tabs[0]!.id ? null : tab.id }))}
          onKeyDown={(event) => {
            const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
            const next = tabs[tabs.indexOf(tab) + step];
            if (!step || !next) return;
            event.preventDefault();
            route.patch({ [param]: next.id === tabs[0]!.id ? null : next.id }, true);
            (event.currentTarget.parentElement?.children[tabs.indexOf(next)] as HTMLElement | undefined)?.focus();
          }}
        >
          {tab.title}
          {tab.count !== undefined && <span className="count">{tab.count}</span>}
        </a>
      ))}
    </nav>
  );
}

/** The chosen tab: what the address says, else the first. */
export function useTab(tabs: readonly Tab[], param = "tab"): string {
  const wanted = useRoute().params.get(param);
  return tabs.some((tab) => tab.id === wanted) ? wanted! : (tabs[0]?.id ?? "");
}
