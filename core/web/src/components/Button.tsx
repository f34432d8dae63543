// Buttons: plain, primary, or an icon with an accessible name.
import type { ButtonHTMLAttributes } from "react";
import { Icon, type IconName } from "./Icon";

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "type">;

export function Button({ icon, kind = "plain", children, className = "", ...rest }: Native & { icon?: IconName; kind?: "plain" | "primary" | "danger" | "quiet" }) {
  return (
    <button type="button" className={`button ${kind} ${className}`} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export function IconButton({ icon, label, active, className = "", ...rest }: Native & { icon: IconName; label: string; active?: boolean }) {
  return (
    <button type="button" className={`icon-button ${active ? "active" : ""} ${className}`} aria-label={label} title={label} aria-pressed={active} {...rest}>
      <Icon name={icon} />
    </button>
  );
}

/** A few choices of which one holds. */
export function Choice<T extends string>({ label, value, options, onChange }: {
  label: string;
  value: T;
  options: readonly { value: T; label: string; icon?: IconName }[];
  onChange: (value: T) => void;
}) {
  return (
    <div className="choice" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          aria-label={option.label}
          title={option.label}
          className={option.value === value ? "active" : ""}
          onClick={() => onChange(option.value)}
        >
          {option.icon ? <Icon name={option.icon} /> : option.label}
        </button>
      ))}
    </div>
  );
}
