// Upgrades the drawings of a page to interactive charts, one by one as they come near: the shared bundle and the page's
// specifications are loaded as classic scripts, which a page opened from a file may do, too. Without this, drawings stand.
(() => {
  "use strict";
  const base = new URL("./", document.currentScript.src);
  const load = (address) =>
    new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });

  let ready;
  const prepare = (holder) => (ready ??= Promise.all([load(new URL("vega.js", base)), load(holder.dataset.charts)]));

  async function upgrade(frame, holder) {
    await prepare(holder);
    const spec = window.deadletterCharts[frame.dataset.chart];
    const drawn = document.createElement("div");
    // ast: expressions are interpreted, for the page forbids making code from text
    const made = await window.vegaEmbed(drawn, spec, {
      ast: true,
      actions: false,
      renderer: "svg",
      tooltip: { theme: "custom" },
    });
    const svg = drawn.querySelector("svg");
    svg.setAttribute("viewBox", svg.getAttribute("viewBox") ?? `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
    // a mark that stands for a claim or a row leads there
    const ways = window.deadletterWays ?? {};
    const wayOf = (item) => Object.values(item?.datum ?? {}).find((value) => typeof value === "string" && value in ways);
    frame.classList.toggle("leads", Object.keys(ways).length > 0 && Object.values(spec.datasets ?? {}).flat().some((row) => wayOf({ datum: row })));
    made.view.addEventListener("click", (_, item) => {
      const way = wayOf(item);
      if (way) window.location.href = ways[way];
    });
    frame.replaceChildren(drawn);
    frame.dataset.live = "yes";
  }

  document.addEventListener("DOMContentLoaded", () => {
    const holder = document.querySelector("[data-charts]");
    const frames = document.querySelectorAll("[data-chart]");
    if (!holder || !frames.length || !("IntersectionObserver" in window)) return;
    const watch = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((one) => one.isIntersecting)) {
          watch.unobserve(entry.target);
          upgrade(entry.target, holder).catch((error) => console.warn("chart stays as it is drawn:", error));
        }
      },
      { rootMargin: "200px" },
    );
    frames.forEach((frame) => watch.observe(frame));
  });
})();
