// Watches a page from inside: when frames were on the screen, what was drawn, which rows were blank.
// Times are milliseconds since the page's own start (performance.now()).
(() => {
  const probe = { stroked: 0, framed: 0, errors: 0 };
  window.probe = probe;
  performance.setResourceTimingBufferSize(20000);

  const stroke = CanvasRenderingContext2D.prototype.stroke;
  CanvasRenderingContext2D.prototype.stroke = function (...given) {
    probe.stroked = performance.now();
    return stroke.apply(this, given);
  };

  /** When the next frame has been handed to the screen. */
  probe.painted = () =>
    new Promise((done) => {
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          const now = performance.now();
          if (probe.stroked > probe.framed) probe.framed = now;
          done(now);
        };
        channel.port2.postMessage(0);
      });
    });

  /** The first frame after which `ready()` is true. */
  probe.until = async (ready, limit = 120000) => {
    const started = performance.now();
    for (;;) {
      const at = await probe.painted();
      if (ready()) return at;
      if (at - started > limit) throw new Error(`not within ${limit} ms: ${ready}`);
    }
  };

  /** Answers that were asked for since then, e.g. of "/api/series". */
  probe.answers = (ending, since) =>
    performance.getEntriesByType("resource").filter((each) => each.name.endsWith(ending) && each.startTime >= since && each.responseEnd > 0);

  /** When the answer to a question asked since then was drawn, and how long the answer took. */
  probe.drawn = async (ending, since, count = 1) => {
    const arrived = () => probe.answers(ending, since);
    await probe.until(() => arrived().length >= count && probe.framed > Math.max(...arrived().map((each) => each.responseEnd)));
    const found = arrived();
    return {
      at: probe.framed,
      asked: Math.min(...found.map((each) => each.startTime)),
      answered: Math.max(...found.map((each) => each.responseEnd)),
      bytes: found.reduce((sum, each) => sum + each.transferSize, 0),
    };
  };

  const scroller = () => document.querySelector(".grid-scroll");

  /** Pixels of the table's view that show no loaded row. */
  probe.blank = () => {
    const box = scroller().getBoundingClientRect();
    const top = document.querySelector(".grid-head").getBoundingClientRect().bottom;
    const end = document.querySelector(".grid-canvas").getBoundingClientRect().bottom;
    const bottom = Math.min(box.bottom, end);
    let filled = 0;
    for (const row of document.querySelectorAll(".grid-row:not(.waiting)")) {
      const { top: from, bottom: to } = row.getBoundingClientRect();
      filled += Math.max(0, Math.min(to, bottom) - Math.max(from, top));
    }
    return Math.max(0, Math.round(bottom - top - filled));
  };

  probe.total = () => Number(document.querySelector(".grid")?.dataset.total ?? -1);
  probe.rows = () => document.querySelectorAll(".grid-row:not(.waiting)").length;
  probe.first = () => {
    const shown = [...document.querySelectorAll(".grid-row:not(.waiting)")];
    return shown.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)[0]?.textContent ?? "";
  };
  probe.filled = () => scroller() !== null && probe.rows() > 0 && probe.blank() === 0;

  /** Scrolls so many pixels a second; says how many frames there were, and how many with blanks. */
  probe.scroll = async (speed, seconds) => {
    const from = scroller().scrollTop;
    const started = performance.now();
    const gaps = [];
    let [frames, blank, last] = [0, 0, started];
    for (let now = started; now - started < seconds * 1000; ) {
      scroller().scrollTop = from + (speed * (now - started)) / 1000;
      now = await probe.painted();
      frames++;
      if (probe.blank() > 0) blank++;
      gaps.push(now - last);
      last = now;
    }
    gaps.sort((a, b) => a - b);
    return { frames, blank, frame_ms: gaps[Math.floor(gaps.length / 2)], slow_ms: gaps[Math.floor(gaps.length * 0.95)] };
  };

  /** Goes to a place at once; says how long until no row of it is blank. */
  probe.jump = async (share) => {
    const began = performance.now();
    scroller().scrollTop = share * scroller().scrollHeight;
    await probe.painted();
    return (await probe.until(() => probe.filled())) - began;
  };

  /** Coloured pixels of a chart in the upper part of a narrow column, at a share of the shown range. */
  probe.peak = (share, part) => {
    const over = document.querySelector(".chart .u-over").getBoundingClientRect();
    const canvas = document.querySelector(".chart canvas");
    const box = canvas.getBoundingClientRect();
    const ratio = canvas.width / box.width;
    const x = Math.round((over.left - box.left + share * over.width) * ratio);
    const height = Math.round(over.height * part * ratio);
    const { data } = canvas.getContext("2d").getImageData(x - 4, Math.round((over.top - box.top) * ratio), 9, height);
    let strongest = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b, a] = data.slice(i, i + 4);
      strongest = Math.max(strongest, ((Math.max(r, g, b) - Math.min(r, g, b)) * a) / 255);
    }
    return strongest;
  };

  addEventListener("error", () => probe.errors++);
  probe.start = probe.until(() => probe.filled() && probe.rows() > 5).catch(() => NaN);
})();
