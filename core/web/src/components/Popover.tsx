// A menu or form that opens below its button, closes with Escape or a click elsewhere, and gives the focus back.
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

export function Popover({ label, icon, text, children, align = "left", className = "", badge }: {
  /** Accessible name of the button. */
  label: string;
  icon?: IconName;
  /** What the button shows beside its icon. */
  text?: ReactNode;
  badge?: ReactNode;
  align?: "left" | "right";
  className?: string;
  children: (close: () => void) => ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    };
    document.addEventListener("pointerdown", outside);
    const here = root.current;
    here?.addEventListener("keydown", escape);
    here?.querySelector<HTMLElement>(".popover input, .popover [role=menuitem], .popover button")?.focus();
    return () => {
      document.removeEventListener("pointerdown", outside);
      here?.removeEventListener("keydown", escape);
    };
  }, [open]);
  return (
    <div className={`popover-root ${className}`} ref={root}>
      <button
        type="button"
        ref={button}
        className={text ? "button quiet" : "icon-button"}
        aria-label={label}
        title={label}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {icon && <Icon name={icon} />}
        {text}
        {badge}
      </button>
      {open && (
        <div id={id} className={`popover ${align}`} role="dialog" aria-label={label}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

export function MenuItem({ icon, children, onPick, danger, checked }: { icon?: IconName; children: ReactNode; onPick: () => void; danger?: boolean; checked?: boolean }) {
  return (
    <button type="button" role="menuitem" className={`menu-item ${danger ? "danger" : ""}`} onClick={onPick}>
      {checked !== undefined ? <span className="mark">{checked && <Icon name="check" />}</span> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
