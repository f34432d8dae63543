// The server's API as functions: addresses relative to the page, errors as ApiError, everything abortable.
import { decodeFrame, type Frame } from "./wire/frame";
import type * as wire from "./wire/types";

export class ApiError extends Error {
  constructor(
    readonly kind: string,
    message: string,
    readonly body?: wire.ErrorBody["error"],
  ) {
    super(message);
  }

  /** Whatever was thrown, as an ApiError that a person can read. */
  static of(error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    if (error instanceof TypeError) return new ApiError("offline", "The server does not answer. Is “epochlog ui” still running?");
    return new ApiError("internal", error instanceof Error ? error.message : String(error));
  }
}

async function answered(response: Response): Promise<Response> {
  if (response.ok) return response;
  let body: wire.ErrorBody["error"] | undefined;
  try {
    body = ((await response.json()) as wire.ErrorBody).error;
  } catch {
    // Not ours (a proxy's page): the status says what there is to say.
  }
  throw new ApiError(body?.kind ?? "http", body?.message ?? `The server answered ${response.status}.`, body);
}

type Query = Record<string, string | number | boolean | null | undefined | string[]>;

/** "path?a=1&b=2" without what is empty. */
export function address(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "" || value === false) continue;
    if (Array.isArray(value)) for (const each of value) params.append(name, each);
    else params.append(name, value === true ? "1" : String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const response = await answered(await fetch(address(path, query), { signal }));
  return (await response.json()) as T;
}

function send(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers = { "Content-Type": "application/json", "X-Epochlog": "1" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal }).then(answered);
}

async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return (await (await send(path, body, signal)).json()) as T;
}

const run = (id: string) => `api/runs/${encodeURIComponent(id)}`;
const artifact = (id: string) => `api/artifacts/${encodeURIComponent(id)}`;

type S = AbortSignal | undefined;

export const api = {
  info: (signal?: S) => get<wire.Info>("api/info", {}, signal),
  projects: (signal?: S) => get<wire.Projects>("api/projects", {}, signal),
  runs: (body: wire.RunsRequest, signal?: S) => post<wire.RunsWindow>("api/runs", body, signal),
  groups: (body: wire.GroupsRequest, signal?: S) => post<wire.GroupsWindow>("api/groups", body, signal),
  ids: (body: wire.IdsRequest, signal?: S) => post<wire.Ids>("api/runs/ids", body, signal),
  columns: (query: { project?: string; search?: string; kind?: string; limit?: number; counts?: "0" }, signal?: S) =>
    get<wire.Columns>("api/columns", query, signal),
  filter: (body: wire.FilterRequest, signal?: S) => post<wire.FilterAnswer>("api/filter", body, signal),
  series: async (body: wire.SeriesRequest, signal?: S): Promise<Frame> =>
    decodeFrame(await (await send("api/series", body, signal)).arrayBuffer()),
  run: (id: string, signal?: S) => get<wire.RunDetail>(run(id), {}, signal),
  plot: (id: string, query: { index?: number; key?: string; step?: number }, signal?: S) =>
    get<wire.Plot>(`${run(id)}/plot`, query, signal),
  plots: (body: wire.PlotsRequest, signal?: S) => post<wire.PlotsAnswer>("api/plots", body, signal),
  plotKeys: (runs: string[], signal?: S) => post<wire.PlotKeys>("api/plots/keys", { runs }, signal),
  text: (id: string, index: number, signal?: S) => get<wire.FullText>(`${run(id)}/text`, { index }, signal),
  console: (
    id: string,
    query: { after?: number; before?: number; limit?: number; search?: string; ignore_case?: boolean; context?: string; tail?: boolean },
    signal?: S,
  ) => get<wire.Console>(`${run(id)}/console`, query, signal),
  code: (id: string, signal?: S) => get<wire.Code>(`${run(id)}/code`, {}, signal),
  codeFile: (id: string, index: number, signal?: S) => get<wire.CodeFile>(`${run(id)}/code/file`, { index }, signal),
  diff: (id: string, other: string, signal?: S) => get<wire.Diff>(`${run(id)}/diff`, { other }, signal),
  compare: (body: wire.CompareRequest, signal?: S) => post<wire.Comparison>("api/compare", body, signal),
  study: <T>(id: string, part: string, query: { objective?: number; param?: string[] } = {}, signal?: S) =>
    get<T>(`${run(id)}/study`, { part, ...query }, signal),
  importance: (body: wire.ImportanceRequest, signal?: S) => post<wire.ParamImportance>("api/importance", body, signal),
  artifacts: (
    query: { project?: string; type?: string; name?: string; search?: string; offset?: number; limit?: number },
    signal?: S,
  ) => get<wire.Artifacts>("api/artifacts", query, signal),
  artifact: (id: string, signal?: S) => get<wire.ArtifactDetail>(artifact(id), {}, signal),
  preview: (id: string, file: string | undefined, signal?: S) => get<wire.Preview>(`${artifact(id)}/preview`, { file }, signal),
  lineage: (query: { run?: string; artifact?: string; hops?: number; limit?: number }, signal?: S) =>
    get<wire.Lineage>("api/lineage", query, signal),
  edit: (body: wire.EditRequest, signal?: S) => post<wire.EditAnswer>("api/edit", body, signal),
};
