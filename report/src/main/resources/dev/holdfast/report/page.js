"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const HEIGHT = 280;

  const number = (value, fractionDigits) => value.toLocaleString("en", { maximumFractionDigits: fractionDigits });
  const compact = (value) => {
    const size = Math.abs(value);
    if (size >= 1e6) return number(value / 1e6, 2) + " M";
    return size >= 1e4 ? number(value / 1e3, 1) + " k" : number(value, size < 10 ? 2 : 0);
  };
  const micros = (value) => {
    if (value >= 1e6) return number(value / 1e6, 2) + " s";
    return value >= 1e3 ? number(value / 1e3, value < 1e4 ? 2 : 1) + " ms" : number(value, value < 10 ? 1 : 0) + " µs";
  };
  const nines = (value) => number(100 * (1 - 1 / value), 6) + " %";
  const axisKinds = {
    SECONDS: { name: "seconds", text: (v) => number(v, 3), log: false },
    PER_SECOND: { name: "messages/s", text: compact, log: false, zero: true },
    MICROS: { name: "latency", text: micros, log: true },
    NINES: { name: "percentile", text: nines, log: true },
  };
  const text = (kind, value) => (value == null ? "–" : axisKinds[kind].text(value));

  // Extends the range to whole decades, so that a logarithmic axis has a label at both ends.
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
    distr: axisKinds[kind].log ? 3 : 1,
    range: kind === "NINES" ? exact : axisKinds[kind].log ? decades : axisKinds[kind].zero ? fromZero : sinceStart,
  });
  const isDecade = (v) => Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-9;
  const labelled = (kind, v) => v != null && (!axisKinds[kind].log || isDecade(v));

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // Tooltip with the values of all lines at the pointer.
  const tooltip = (chart) => {
    const box = document.createElement("div");
    box.className = "tooltip";
    box.hidden = true;
    const show = (u) => {
      const { left, idx } = u.cursor;
      box.hidden = idx == null || left < 0;
      if (box.hidden) return;
      const values = chart.lines.map((line) => "\n" + line.name + "  " + text(chart.yAxis, line.y[idx]));
      box.textContent = text(chart.xAxis, chart.x[idx]) + (chart.xAxis === "SECONDS" ? " s" : "") + values.join("");
      const overflows = left + box.offsetWidth + 16 > u.over.clientWidth;
      box.style.left = (overflows ? left - box.offsetWidth - 12 : left + 12) + "px";
      box.style.top = "8px";
    };
    return { hooks: { init: (u) => u.over.appendChild(box), setCursor: show } };
  };

  const options = (chart, width) => {
    const axis = (kind, extra) => ({
      stroke: colour("--soft"),
      font: "12px system-ui, sans-serif",
      labelFont: "12px system-ui, sans-serif",
      grid: {
        stroke: colour("--grid"),
        width: 1,
        filter: (u, splits) => splits.map((v) => (labelled(kind, v) ? v : null)),
      },
      ticks: { show: false },
      values: (u, splits) => splits.map((v) => (labelled(kind, v) ? text(kind, v) : "")),
      ...extra,
    });
    const lines = chart.lines.map((line, i) => ({
      label: line.name,
      stroke: colour("--c" + (i % 4)),
      width: 2,
      fill: chart.lines.length === 1 && !axisKinds[chart.yAxis].log ? colour("--c0") + "1c" : undefined,
      points: { show: chart.x.length < 2, size: 9, fill: colour("--c" + (i % 4)) },
    }));
    return {
      width,
      height: HEIGHT,
      scales: { x: scale(chart.xAxis), y: scale(chart.yAxis) },
      axes: [
        axis(chart.xAxis, { label: axisKinds[chart.xAxis].name, labelSize: 22, size: 30 }),
        axis(chart.yAxis, { size: 58 }),
      ],
      series: [{}, ...lines],
      legend: { show: chart.lines.length > 1, live: false },
      cursor: { y: false, drag: { x: !axisKinds[chart.xAxis].log, y: false }, points: { size: 7 } },
      plugins: [tooltip(chart)],
    };
  };

  const cell = (row, tag, content, scope) => {
    const element = row.appendChild(document.createElement(tag));
    element.textContent = content;
    if (scope) element.scope = scope;
  };
  const fillTable = (chart, target) => {
    if (target.firstChild) return;
    const table = target.appendChild(document.createElement("table"));
    table.className = "numbers";
    const head = table.createTHead().insertRow();
    const names = [axisKinds[chart.xAxis].name, ...chart.lines.map((line) => line.name)];
    names.forEach((name) => cell(head, "th", name, "col"));
    const body = table.createTBody();
    chart.x.forEach((x, i) => {
      const row = body.insertRow();
      cell(row, "th", text(chart.xAxis, x), "row");
      chart.lines.forEach((line) => cell(row, "td", text(chart.yAxis, line.y[i])));
    });
  };

  const plots = [];
  const draw = () => {
    plots.splice(0).forEach((plot) => plot.destroy());
    document.querySelectorAll(".plot").forEach((container) => {
      const chart = charts[Number(container.dataset.chart)];
      const data = [chart.x, ...chart.lines.map((line) => line.y)];
      plots.push(new uPlot(options(chart, container.clientWidth), data, container));
    });
  };
  draw();
  document.querySelectorAll(".plot").forEach((container) => {
    const details = container.parentElement.querySelector("details");
    const fill = () => fillTable(charts[Number(container.dataset.chart)], details.querySelector(".scroll"));
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
