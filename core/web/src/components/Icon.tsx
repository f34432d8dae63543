// The few icons there are: strokes in the colour of the text around them.
const PATHS = {
  search: "M7 12.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Zm4-1.5 3.5 3.5",
  close: "m3.5 3.5 9 9m0-9-9 9",
  down: "m3.5 6 4.5 4.5L12.5 6",
  right: "m6 3.5 4.5 4.5L6 12.5",
  left: "M10 3.5 5.5 8l4.5 4.5",
  up: "m3.5 10 4.5-4.5 4.5 4.5",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm0-10v1.5m0 11V15M1 8h1.5m11 0H15M3 3l1 1m8 8 1 1m0-10-1 1m-8 8-1 1",
  moon: "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1Z",
  system: "M2 2.5h12v8H2Zm4 11h4m-2-3v3",
  eye: "M1 8s2.6-4.5 7-4.5S15 8 15 8s-2.6 4.5-7 4.5S1 8 1 8Zm7 2a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  eyeOff: "M2 2l12 12M6.2 3.8A7 7 0 0 1 8 3.5C12.4 3.5 15 8 15 8a12 12 0 0 1-2 2.4M3.8 4.8A12 12 0 0 0 1 8s2.6 4.5 7 4.5a7 7 0 0 0 3-.7",
  columns: "M2 2.5h12v11H2Zm4 0v11m4-11v11",
  group: "M2 3.5h12M5 8h9M5 12.5h9M2 8v.01M2 12.5v.01",
  pin: "M6 1.5h4l-.5 5 2.5 3H4l2.5-3Zm2 8v5",
  flag: "M3.5 14.5v-12h8l-2 3 2 3h-8",
  tag: "M2 2h5.5l6.5 6.5-5.5 5.5L2 7.5Zm3 3v.01",
  trash: "M2.5 4h11M6 4V2h4v2m-6 0 .7 10h6.6L12 4M6.7 6.5v5m2.6-5v5",
  restore: "M3 3v4h4M3.4 7A5.5 5.5 0 1 1 3 10",
  check: "m3 8.5 3.5 3.5L13 4.5",
  more: "M3 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0Zm4.500 0a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0ZM12 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0Z",
  zoomOut: "M7 12.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Zm4-1.5 3.5 3.5M4.5 7h5",
  expand: "M9.5 2.5h4v4m-7 7h-4v-4m11-7-4.5 4.5m-6.5 6.5L7 9",
  download: "M8 2v8m-3.5-3L8 10.5 11.5 7M2.5 13.5h11",
  settings: "M2 4.5h6m4 0h2M2 11.5h2m4 0h6M8 4.5a2 2 0 1 0 4 0 2 2 0 0 0-4 0Zm-4 7a2 2 0 1 0 4 0 2 2 0 0 0-4 0Z",
  table: "M2 2.5h12v11H2Zm0 3.7h12M2 9.8h12M6.5 6.2v7.3",
  chart: "M2 2v12h12M4.5 10l3-4 2.5 2.5L14 4",
  split: "M2 2.5h12v11H2Zm6 0v11",
  copy: "M5.5 5.5h8v8h-8Zm-3 5v-8h8",
  link: "M6.5 9.5l3-3M7 4.5l1.5-1.5a3 3 0 0 1 4.3 4.3L11 8.7M5 7.3 3.2 9a3 3 0 0 0 4.3 4.3L9 11.5",
  file: "M3.5 1.5h6l3 3v10h-9Zm6 0v3h3",
  folder: "M1.5 3h5l1.5 2h6.5v8.5h-13Z",
  warning: "M8 2 1.5 13.5h13ZM8 6.5v3.5m0 2v.01",
  info: "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm0-7v4M8 4.7v.01",
  help: "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM6 6.2a2 2 0 1 1 2.8 2c-.6.3-.8.6-.8 1.3m0 2v.01",
  plus: "M8 3v10M3 8h10",
  external: "M9.5 2.5h4v4m0-4L7.5 8.5m-1-5h-4v10h10v-4",
  edit: "m2.5 13.5.7-3L11 2.7 13.3 5l-7.8 7.8Z",
  palette: "M8 1.5a6.5 6.5 0 1 0 0 13c1.3 0 1.6-.8 1.3-1.7-.4-1.2.3-2.3 1.7-2.3h1.8c1.2 0 1.7-.9 1.7-2A6.700 6.700 0 0 0 8 1.500ZM5 8v.01M6.500 5v.01M9.800 4.800v.01",
  bookmark: "M4 2h8v12l-4-3.500L4 14Z",
  layers: "m8 2 6.5 3.5L8 9 1.5 5.5Zm-6.5 6.5L8 12l6.5-3.5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 14 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The path alone, for canvases and cells that are made without React. */
export function iconPath(name: IconName): string {
  return PATHS[name];
}
