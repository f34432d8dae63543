// The frame of the application: bar, page, help, and what is shown when a page breaks.
import { Component, useEffect, type ReactNode } from "react";
import { useSignal } from "../base/signal";
import { live } from "../base/useLive";
import { Button, IconButton } from "../components/Button";
import { Empty } from "../components/Panel";
import { Help, helpOpen } from "./Help";
import { NAVIGATION } from "./navigation";
import { fetchAhead, PAGES } from "./pages";
import { Palette, paletteOpen } from "./Palette";
import { href, useRoute } from "./router";
import { SavedViews } from "./SavedViews";
import { chooseTheme, themeChoice } from "./theme";

/** The page itself comes first. */
const AHEAD_MS = 1500;

export function App() {
  const { page, id } = useRoute();
  const Page = PAGES[page];
  useEffect(() => {
    const title = NAVIGATION.find((each) => each.page === page)?.title ?? `${page[0]?.toUpperCase()}${page.slice(1)}`;
    document.title = `${title} · epochlog`;
    if (page !== "runs") return;
    const timer = setTimeout(fetchAhead, AHEAD_MS);
    return () => clearTimeout(timer);
  }, [page]);
  return (
    <div className="app">
      <TopBar page={page} />
      <Fence key={`${page}/${id}`}>
        {Page ? <Page id={id} /> : <Unknown page={page} />}
      </Fence>
      <Help />
      <Palette />
    </div>
  );
}

function TopBar({ page }: { page: string }) {
  return (
    <header className="topbar">
      <a className="brand" href={href("runs")} aria-label="epochlog: all runs">
        <Logo />
        <span>epochlog</span>
      </a>
      <nav aria-label="Pages">
        {NAVIGATION.map((item) => (
          <a key={item.page} href={href(item.page)} aria-current={item.page === page || (item.also as readonly string[]).includes(page) ? "page" : undefined}>
            {item.title}
          </a>
        ))}
      </nav>
      <div className="right">
        <LineState />
        <IconButton icon="search" label="Command palette (Ctrl K)" onClick={() => paletteOpen.set(true)} />
        <SavedViews />
        <ThemeSwitch />
        <IconButton icon="help" label="Keyboard shortcuts (?)" onClick={() => helpOpen.set(true)} />
      </div>
    </header>
  );
}

function Logo() {
  return (
    <svg viewBox="0 0 20 20" fill="none" strokeWidth="2" strokeLinecap="round" aria-hidden="true">
      <path d="M2 4c2.5 9 6 11.5 16 12" stroke="#2f6fd6" />
      <path d="M2 10c2.5 4.5 6.500 3 16-1" stroke="#e0761b" />
    </svg>
  );
}

const LINE = {
  live: ["completed", "Live", "Changes show up by themselves"],
  connecting: ["pending", "Connecting", "Connecting to the server"],
  waiting: ["failed", "Offline", "The server does not answer; trying again"],
  paused: ["pending", "Paused", "Nothing is loaded while this tab is hidden"],
} as const;

function LineState() {
  const [dot, text, title] = LINE[useSignal(live.state)];
  return (
    <span className="line-state" title={title} role="status" aria-label={`${text}: ${title}`}>
      <i className={`dot ${dot}`} />
      <span>{text}</span>
    </span>
  );
}

function ThemeSwitch() {
  const choice = useSignal(themeChoice);
  const next = choice === "system" ? "light" : choice === "light" ? "dark" : "system";
  const icon = choice === "system" ? "system" : choice === "light" ? "sun" : "moon";
  return <IconButton icon={icon} label={`Theme: ${choice}; change to ${next}`} onClick={() => chooseTheme(next)} />;
}

function Unknown({ page }: { page: string }) {
  return (
    <div className="page">
      <Empty>There is no page “{page.slice(0, 60)}”. <a href={href("runs")}>All runs</a></Empty>
    </div>
  );
}

/** A page that throws says so, and the rest of the application goes on. */
class Fence extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="page">
        <div className="page-body">
          <div className="state failed" role="alert">
            <span className="reason">This page broke: {error.message}</span>
            <Button onClick={() => this.setState({ error: null })}>Try again</Button>
          </div>
        </div>
      </div>
    );
  }
}
