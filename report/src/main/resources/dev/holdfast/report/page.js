"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const HEIGHT = 280;

  const digits = (value, most) => value.toLocaleString("en", { maximumFractionDigits: most });
  const short = (value) => {
    const size = Math.abs(value);
    if (size >= 1e6) return digits(value / 1e6, 2) + " M";
    return size >= 1e4 ? digits(value / 1e3, 1) + " k" : digits(value, size < 10 ? 2 : 0);
  };
  const micros = (value) => {
    if (value >= 1e6) return digits(value / 1e6, 2) + " s";
    return value >= 1e3 ? digits(value / 1e3, value < 1e4 ? 2 : 1) + " ms" : digits(value, value < 10 ? 1 : 0) + " µs";
  };
  const nines = (value) => digits(100 * (1 - 1 / value), 6) + " %";
  const kinds = {
    SECONDS: { name: "seconds", text: (v) => digits(v, 3), log: false },
    PER_SECOND: { name: "messages/s", text: short, log: false, zero: true },
    MICROS: { name: "latency", text: micros, log: true },
    NINES: { name: "percentile", text: nines, log: true },
  };
  const text = (kind, value) => (value == null ? "–" : kinds[kind].text(value));

  // Whole decades around the data: a logarithmic axis then has a label at both its ends.
  const decades = (u, low, high) => {
    if (low == null || high == null) return [1, 10];
    const from = 10 ** Math.floor(Math.log10(low));
    return [from, Math.max(10 ** Math.ceil(Math.log10(high)), from * 10)];
  };
  const fromZero = (u, low, high) => [0, high > 0 ? high * 1.08 : 1];
  const sinceStart = (u, low, high) => [0, low === high ? (high || 1) * 2 : high];
  const exact = (u, low, high) => [1, Math.max(high ?? 10, 10)];

  const scale = (kind, vertical) => ({
    time: false,
    distr: kinds[kind].log ? 3 : 1,
    range: kind === "NINES" ? exact : kinds[kind].log ? decades : kinds[kind].zero ? fromZero : sinceStart,
  });
  const isDecade = (v) => Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-9;
  const labelled = (kind, v) => v != null && (!kinds[kind].log || isDecade(v));

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // What the lines say where the pointer is.
  const tip = (chart) => {
    const box = document.createElement("div");
    box.className = "tip";
    box.hidden = true;
    const show = (u) => {
      const { left, idx } = u.cursor;
      box.hidden = idx == null || left < 0;
      if (box.hidden) return;
      const values = chart.lines.map((line) => "\n" + line.name + "  " + text(chart.yAxis, line.y[idx]));
      box.textContent = text(chart.xAxis, chart.x[idx]) + (chart.xAxis === "SECONDS" ? " s" : "") + values.join("");
      const beyond = left + box.offsetWidth + 16 > u.over.clientWidth;
      box.style.left = (beyond ? left - box.offsetWidth - 12 : left + 12) + "px";
      box.style.top = "8px";
    };
    return { hooks: { init: (u) => u.over.appendChild(box), setCursor: show } };
  };

  const options = (chart, width) => {
    const axis = (kind, extra) => ({
      stroke: colour("--soft"),
      font: "12px system-ui, sans-serif",
      labelFont: "12px system-ui, sans-serif",
      grid: { stroke: colour("--grid"), width: 1, filter: (u, at) => at.map((v) => (labelled(kind, v) ? v : null)) },
      ticks: { show: false },
      values: (u, at) => at.map((v) => (labelled(kind, v) ? text(kind, v) : "")),
      ...extra,
    });
    const lines = chart.lines.map((line, i) => ({
      label: line.name,
      stroke: colour("--c" + (i % 4)),
      width: 2,
      fill: chart.lines.length === 1 && !kinds[chart.yAxis].log ? colour("--c0") + "1c" : undefined,
      points: { show: chart.x.length < 2, size: 9, fill: colour("--c" + (i % 4)) },
    }));
    return {
      width,
      height: HEIGHT,
      scales: { x: scale(chart.xAxis), y: scale(chart.yAxis) },
      axes: [
        axis(chart.xAxis, { label: kinds[chart.xAxis].name, labelSize: 22, size: 30 }),
        axis(chart.yAxis, { size: 58 }),
      ],
      series: [{}, ...lines],
      legend: { show: chart.lines.length > 1, live: false },
      cursor: { y: false, drag: { x: !kinds[chart.xAxis].log, y: false }, points: { size: 7 } },
      plugins: [tip(chart)],
    };
  };

  const cell = (row, tag, content, scope) => {
    const made = row.appendChild(document.createElement(tag));
    made.textContent = content;
    if (scope) made.scope = scope;
  };
  const numbers = (chart, target) => {
    if (target.firstChild) return;
    const table = target.appendChild(document.createElement("table"));
    table.className = "numbers";
    const head = table.createTHead().insertRow();
    [kinds[chart.xAxis].name, ...chart.lines.map((line) => line.name)].forEach((n) => cell(head, "th", n, "col"));
    const body = table.createTBody();
    chart.x.forEach((x, i) => {
      const row = body.insertRow();
      cell(row, "th", text(chart.xAxis, x), "row");
      chart.lines.forEach((line) => cell(row, "td", text(chart.yAxis, line.y[i])));
    });
  };

  const drawn = [];
  const draw = () => {
    drawn.splice(0).forEach((plot) => plot.destroy());
    document.querySelectorAll(".plot").forEach((place) => {
      const chart = charts[Number(place.dataset.chart)];
      const data = [chart.x, ...chart.lines.map((line) => line.y)];
      drawn.push(new uPlot(options(chart, place.clientWidth), data, place));
    });
  };
  draw();
  document.querySelectorAll(".plot").forEach((place) => {
    const details = place.parentElement.querySelector("details");
    const fill = () => numbers(charts[Number(place.dataset.chart)], details.querySelector(".scroll"));
    details.addEventListener("toggle", fill);
    if (details.open) fill();
  });
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth !== width) {
      width = window.innerWidth;
      draw();
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
