// Windows of rows: loaded once, found through open rows, replaced when the order changed.
import { describe, expect, test } from "vitest";
import { RowList, WINDOW, type Kind, type Load } from "./rows";

interface Row { key: string; inner: number }

function world(total: number, options: { opened?: string[]; log?: number[] } = {}) {
  const state = { total, prefix: "r", stale: false };
  const list = (prefix: string, count: () => number): Load<Row> => async (offset, limit, snapshot) => {
    options.log?.push(offset);
    const rows = [];
    for (let at = offset; at < Math.min(count(), offset + limit); at++) rows.push({ at, row: { key: `${prefix}${at}`, inner: at % 10 === 0 ? 3 : 0 } });
    return { rows, total: count(), snapshot: snapshot ?? state.prefix, moved: false };
  };
  const errors: unknown[] = [];
  const kind: Kind<Row> = {
    keyOf: (row) => row.key,
    inside: (row) => (row.inner ? list(`${row.key}/`, () => row.inner) : null),
    onChange: () => {},
    onError: (error) => errors.push(error),
  };
  const opened = new Set(options.opened);
  const root = new RowList(kind, opened, async (offset, limit, snapshot, signal) => list(state.prefix, () => state.total)(offset, limit, snapshot, signal));
  return { root, state, opened, errors };
}

const settle = () => new Promise((done) => setTimeout(done, 0));

describe("RowList", () => {
  test("one row stands for what isn't known", () => {
    expect(world(5).root.size()).toBe(1);
  });

  test("windows are asked for once", async () => {
    const log: number[] = [];
    const { root } = world(1000, { log });
    root.need(0, 30);
    root.need(0, 30);
    await settle();
    root.need(0, 30);
    root.need(WINDOW - 5, WINDOW + 5);
    await settle();
    expect(log).toEqual([0, WINDOW]);
    expect(root.size()).toBe(1000);
    expect(root.get(WINDOW)?.key).toBe(`r${WINDOW}`);
  });

  test("open rows move those below", async () => {
    const { root } = world(50);
    root.need(0, 50);
    await settle();
    root.toggle(0);
    root.toggle(10);
    await settle();
    expect(root.size()).toBe(56);
    const keys = [0, 1, 3, 4, 13, 14, 16, 17].map((n) => root.locate(n).row?.key);
    expect(keys).toEqual(["r0", "r0/0", "r0/2", "r1", "r10", "r10/0", "r10/2", "r11"]);
    expect(root.locate(14)).toMatchObject({ depth: 1, at: 0 });
    expect(root.find("r10/2")).toBe(16);
    expect(root.find("r11")).toBe(17);
    root.toggle(0);
    expect(root.locate(1).row?.key).toBe("r1");
  });

  test("rows without anything inside don't open", async () => {
    const { root } = world(5);
    root.need(0, 5);
    await settle();
    root.toggle(1);
    expect(root.size()).toBe(5);
  });

  test("what was open is open after a refresh with another order", async () => {
    const { root, state } = world(30);
    root.need(0, 30);
    await settle();
    root.toggle(10);
    await settle();
    state.total = 31;
    await root.refresh(0, 30, true);
    await settle();
    expect(root.size()).toBe(34);
    expect(root.locate(11).row?.key).toBe("r10/0");
  });

  test("after a failure nothing is asked for until a refresh", async () => {
    const errors: unknown[] = [];
    let fail = true;
    const root = new RowList<Row>(
      { keyOf: (r) => r.key, inside: () => null, onChange: () => {}, onError: (e) => errors.push(e) },
      new Set(),
      async () => {
        if (fail) throw new Error("away");
        return { rows: [{ at: 0, row: { key: "a", inner: 0 } }], total: 1 };
      },
    );
    root.need(0, 1);
    await settle();
    root.need(0, 1);
    await settle();
    expect(errors).toHaveLength(1);
    fail = false;
    await root.refresh(0, 1, true);
    expect(root.get(0)?.key).toBe("a");
  });
});
