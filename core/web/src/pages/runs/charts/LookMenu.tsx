// By which params lines get their colours and dashes, and charts are parted; and what the colours then mean.
import { useState } from "react";
import { useDark } from "../../../app/theme";
import { Choice, IconButton } from "../../../components/Button";
import { Popover } from "../../../components/Popover";
import { FieldOptions } from "../FieldOptions";
import { titleOf } from "../fields";
import type { View } from "../view";
import type { Look, LookBy } from "./look";

const WAYS = [
  { value: "colorBy", label: "Colour" }, { value: "dashBy", label: "Dash" }, { value: "facetBy", label: "Facet" },
] as const satisfies readonly { value: keyof LookBy; label: string }[];

export function LookMenu({ view, change }: { view: View; change: (change: Partial<View>) => void }) {
  const [way, setWay] = useState<keyof LookBy>("colorBy");
  const set = WAYS.filter(({ value }) => view[value]);
  return (
    <Popover label="Colour, dash and facet by a param" icon="palette" align="right" className={set.length ? "on" : ""}>
      {() => (
        <div className="group-menu">
          <Choice label="What a param decides" value={way} options={WAYS} onChange={setWay} />
          {set.map(({ value, label }) => (
            <div key={value} className="chosen-row">
              <span>{label} by {titleOf(view[value]).title}</span>
              <IconButton icon="close" label={`No ${label.toLowerCase()} by ${titleOf(view[value]).title}`} onClick={() => change({ [value]: "" })} />
            </div>
          ))}
          {set.length > 0 && <div className="menu-line" />}
          <FieldOptions
            project={view.project} label={`Search params for ${WAYS.find(({ value }) => value === way)!.label.toLowerCase()}`} chosen={[view[way]]}
            onPick={(id) => change({ [way]: view[way] === id ? "" : id })}
          />
        </div>
      )}
    </Popover>
  );
}

/** What colours and dashes mean. */
export function LookLegend({ look }: { look: Look }) {
  const dark = useDark();
  return look.legends.map(({ by, entries }, i) => (
    <ul key={i} className="look-legend" aria-label={`${entries[0]?.color ? "Colours" : "Dashes"} by ${by}`}>
      <li className="faint">{by}</li>
      {entries.map(({ label, color, dash }) => (
        <li key={label}>
          <svg width="22" height="8" aria-hidden="true"><line x1="1" x2="21" y1="4" y2="4" stroke={color ? color(dark) : "currentColor"} strokeWidth="2.5" strokeDasharray={dash?.join(" ")} /></svg>
          {label}
        </li>
      ))}
    </ul>
  ));
}
