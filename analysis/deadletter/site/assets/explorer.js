/* The coding explorer. Python computed every index for each combination of the discrete settings; this script looks the
   values up, calibrates them, takes minima, labels, and shows what has changed. No request, nothing evaluated.
   `deadletterExplorer` is what the page (and the test) drives. */
"use strict";

function startExplorer() {
  const data = window.deadletterExplorerData;
  const byId = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(`#explorer ${selector}`)];
  if (!data || !byId("explorer")) return;
  const INDICES = data.indices;
  const MEASURES = Object.keys(data.computed);

  // ---- lookup, calibration, labels: as in multiverse/subchoices.py and indices/placement.py ------------------------

  function entryOf({ settings, shape }, { at, of }, options) {
    const combination = settings.reduce((sum, setting, k) => sum * shape[k] + options[setting], 0);
    return of[at.charCodeAt(combination) - data.first];
  }

  const measureOf = (options) => MEASURES[options[data.measure]];

  /** The anchors of an index: of formalisation as reference cases give them, or one of those that the coding states. */
  function anchorsOf(index, { options, anchors }) {
    if (index !== "formalisation") return anchors[index];
    const table = data.computed[measureOf(options)];
    const found = entryOf(table, table, options);
    return typeof found === "string" ? anchors[found] : found;
  }

  /** A raw value on its axis: its membership, and whether its bounds leave open on which side of the crossover it is. */
  function axis({ value, low, high }, anchors) {
    if (typeof value !== "number") return { share: NaN, missing: true };
    if (!anchors) return { share: NaN, open: true };
    const [e, c, i] = anchors;
    const share = 1 / (1 + Math.exp((-data.logOdds * (value - c)) / (value >= c ? i - c : c - e)));
    return { share, open: low < c && high > c };
  }

  function place(formal, basis) {
    const [f, e] = [formal.share, basis.share];
    const memberships = [Math.min(f, 1 - e), Math.min(f, e), Math.min(1 - f, e), Math.min(1 - f, 1 - e)];
    const top = Math.max(...memberships);
    const leads = data.cells.filter((_, k) => memberships[k] === top);
    let label = leads.length > 1 ? "undecided" : leads[0];
    if (formal.missing || basis.missing) label = "missing";
    else if (formal.open || basis.open) label = "not_identified";
    return { memberships, label };
  }

  /** Every scope under some options and anchors: its indices, and its placement by each basis. */
  function compute(state) {
    const measure = measureOf(state.options);
    return data.scopes.map((scope) => {
      const axes = {};
      const values = {};
      for (const index of INDICES) {
        const table = index === "formalisation" ? measure : index;
        const [value, low, high] = [entryOf(data.tables[table], scope[table], state.options)].flat();
        values[index] = value;
        axes[index] = axis({ value, low: low ?? value, high: high ?? value }, anchorsOf(index, state));
      }
      const placed = data.bases.map((basis) => [basis, place(axes.formalisation, axes[basis])]);
      const { regime, component, period } = scope;
      return { regime, component, period, values, placement: Object.fromEntries(placed) };
    });
  }

  // ---- state -------------------------------------------------------------------------------------------------------

  const fresh = () => ({ options: data.settings.map((one) => one.start), anchors: structuredClone(data.anchors) });
  const baseline = compute(fresh());
  let state = fresh();
  let results = baseline;
  const VIEW = { part: byId("explorer-part").value, basis: byId("explorer-basis").value };

  function changes() {
    const moved = data.settings.flatMap((one, k) =>
      state.options[k] === one.start ? [] : [one.options[state.options[k]].set],
    );
    const names = ["exclusion", "crossover", "inclusion"];
    const anchors = Object.entries(state.anchors).flatMap(([index, values]) =>
      values.flatMap((value, k) =>
        value === data.anchors[index][k] ? [] : [[`calibration.${index}.${names[k]}=${value}`]],
      ),
    );
    return [...moved, ...anchors];
  }

  /** Only what is chosen from a list or typed as a number reaches the command: nothing in it needs quotes. */
  const command = () =>
    [`deadletter run ${data.coding}`, ...changes().flat().map((one) => `--set ${one}`)].join(" \\\n  ");

  /** The settings that differ, and the view, as the part of the address behind the sign: it can be kept and shared. */
  function address() {
    const view = Object.entries(VIEW).flatMap(([one, usual]) => {
      const { value } = byId(`explorer-${one}`);
      return value === usual ? [] : [`${one}=${value}`];
    });
    const parts = [...changes().flat(), ...view].map((one) => one.split("=").map(encodeURIComponent).join("="));
    return `#${parts.join("&")}`;
  }

  /** Part of an address, which may have been cut off within a sign. */
  function decoded(part) {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  }

  /** The state that an address asks for; what it does not know of is left as it is in the coding. */
  function asked(hash) {
    const told = new Set(hash.slice(1).split("&").filter(Boolean).map(decoded));
    const next = fresh();
    next.options = data.settings.map((one) => {
      const found = one.options.findIndex((option, k) => k !== one.start && option.set.every((line) => told.has(line)));
      return found < 0 ? one.start : found;
    });
    for (const line of told) {
      const [, index, end, value] = /^calibration\.(\w+)\.(exclusion|crossover|inclusion)=([\d.]+)$/.exec(line) ?? [];
      if (index in next.anchors) next.anchors[index][["exclusion", "crossover", "inclusion"].indexOf(end)] = Number(value);
      const [, view, shown] = /^(part|basis)=(.+)$/.exec(line) ?? [];
      const choice = view && byId(`explorer-${view}`);
      if (choice && [...choice.options].some((option) => option.value === shown)) choice.value = shown;
    }
    const ordered = Object.values(next.anchors).every(([e, c, i]) => 0 <= e && e < c && c < i && i <= 1);
    return ordered ? next : { ...next, anchors: fresh().anchors };
  }

  function set(next) {
    state = { options: next.options ?? state.options, anchors: next.anchors ?? state.anchors };
    results = compute(state);
    show();
    return results;
  }

  /** An anchor stays between its neighbours. */
  function moveAnchor(index, k, typed) {
    const values = [...state.anchors[index]];
    const low = k > 0 ? values[k - 1] + 0.01 : 0;
    const high = k < 2 ? values[k + 1] - 0.01 : 1;
    if (Number.isFinite(typed) && low <= high) values[k] = Math.round(Math.min(Math.max(typed, low), high) * 1e6) / 1e6;
    set({ anchors: { ...state.anchors, [index]: values } });
  }

  // ---- page --------------------------------------------------------------------------------------------------------

  function node(tag, attributes = {}, ...children) {
    const made = tag.startsWith("svg:")
      ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
      : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }
  const years = (period) => period.replace("/", "–");
  const basis = () => byId("explorer-basis").value;
  const shown = (rows) => rows.filter((row) => row.component === byId("explorer-part").value);
  const regimes = () => [...new Set(shown(results).map((row) => row.regime))];
  // of exact halves between two decimals only 0.125 and 0.625 go down to the even one, as Python prints them
  const words = (value) =>
    typeof value === "number" ? (value % 0.5 === 0.125 ? value - 1e-9 : value).toFixed(2) : value;
  const labelOf = (row, by) => data.names[row.placement[by].label];
  const many = (n, noun, verb) => `${n || "no"} ${noun}${n === 1 ? "" : "s"} ${verb}${n === 1 ? "s" : ""}`;

  function cell(now, before) {
    if (now === before) return node("td", {}, now);
    return node("td", { class: "explorer-new" }, now, node("span", {}, ` was ${before}`));
  }

  /** One body a regime; `cells` makes the texts of a row, which are compared with those of the baseline. */
  function bodies(cells, columns) {
    const before = shown(baseline);
    return regimes().map((regime) => {
      const lines = shown(results).flatMap((row, k) => {
        if (row.regime !== regime) return [];
        const was = cells(before[k]);
        return [node("tr", {}, node("th", { scope: "row" }, years(row.period)), ...cells(row).map((now, n) => cell(now, was[n])))];
      });
      const heading = node("tr", {}, node("th", { scope: "rowgroup", colspan: columns }, regime));
      return node("tbody", {}, heading, ...lines);
    });
  }

  function showTables() {
    const labels = (row) => data.bases.map((by) => labelOf(row, by));
    const table = byId("explorer-table");
    for (const body of [...table.tBodies]) body.remove();
    const columns = 1 + INDICES.length + data.bases.length;
    table.append(...bodies((row) => [...INDICES.map((index) => words(row.values[index])), ...labels(row)], columns));
    const text = (share) => (Number.isNaN(share) ? "–" : words(share));
    const head = ["Period", ...data.cells.map((one) => data.names[one])].map((one) => node("th", { scope: "col" }, one));
    byId("explorer-memberships").replaceChildren(
      node("caption", {}, `Memberships of the four cells, by formalisation and ${basis()}`),
      node("thead", {}, node("tr", {}, ...head)),
      ...bodies((row) => row.placement[basis()].memberships.map(text), 1 + data.cells.length),
    );
  }

  function showWords() {
    const before = shown(baseline);
    const turned = shown(results).flatMap((row, k) =>
      data.bases.filter((by) => labelOf(row, by) !== labelOf(before[k], by)),
    ).length;
    const moved = changes().length;
    const sentence = moved
      ? `${many(moved, "setting", "differ")} from “${data.coding}”, ${many(turned, "label", "change")}.`
      : `Settings as in “${data.coding}”.`;
    const last = regimes().map((regime) => {
      const row = shown(results).findLast((one) => one.regime === regime);
      return `${regime} ${labelOf(row, basis())}`;
    });
    byId("explorer-status").textContent = `${sentence} Last period by ${basis()}: ${last.join(", ")}.`;
    byId("explorer-command").textContent = command();
  }

  function showControls() {
    for (const entry of all("[data-setting]")) {
      const k = Number(entry.dataset.setting);
      entry.selectedIndex = state.options[k];
      entry.parentElement.classList.toggle("explorer-moved", state.options[k] !== data.settings[k].start);
    }
    for (const group of all("[data-anchors]")) {
      const index = group.dataset.anchors;
      [...group.querySelectorAll("input")].forEach((entry, k) => {
        entry.value = String(Number(state.anchors[index][k].toFixed(4)));
        entry.parentElement.classList.toggle("explorer-moved", state.anchors[index][k] !== data.anchors[index][k]);
      });
    }
  }

  function showPlane() {
    const [SIDE, LEFT, TOP] = [360, 48, 14];
    const across = (value) => LEFT + value * SIDE;
    const up = (value) => TOP + (1 - value) * SIDE;
    const svg = (tag, attributes, ...children) => node(`svg:${tag}`, attributes, ...children);
    const label = (x, y, anchor, text, kind) => svg("text", { x, y, class: kind, "text-anchor": anchor }, text);
    const by = basis();
    const formal = anchorsOf("formalisation", state);
    const ends = { x1: LEFT, x2: LEFT + SIDE, y1: TOP, y2: TOP + SIDE };
    const numbers = (row) => [row.values.formalisation, row.values[by]];
    const points = (rows, regime) =>
      shown(rows).filter((row) => row.regime === regime && numbers(row).every((one) => typeof one === "number"));
    const lasts = regimes().map((regime) => points(results, regime).at(-1)).map((row) => row && numbers(row));
    const [spoken, names] = [[], []];
    const ways = regimes().map((regime, k) => {
      const drawn = svg("g", { class: `explorer-regime-${k % 5}` });
      const now = points(results, regime);
      const last = now.at(-1);
      if (!last) {
        spoken.push(`${regime}: not on the plane, for lack of rows.`);
        return drawn;
      }
      const [f, b] = numbers(last);
      const was = points(baseline, regime).find((row) => row.period === last.period);
      if (was) drawn.append(svg("circle", { cx: across(numbers(was)[0]), cy: up(numbers(was)[1]), r: 7, class: "explorer-ghost" }));
      drawn.append(svg("polyline", { points: now.map((row) => `${across(numbers(row)[0])},${up(numbers(row)[1])}`).join(" ") }));
      for (const row of now) {
        const [x, y] = numbers(row);
        const spot = `${regime} ${years(row.period)}: ${words(x)}, ${words(y)}`;
        drawn.append(svg("circle", { cx: across(x), cy: up(y), r: row === last ? 8 : 3.5 }, svg("title", {}, spot)));
      }
      const right = f < 0.7;
      // below its mark where another one is in the way
      const near = (one) => Math.abs(up(one[1]) - up(b)) < 24 && Math.abs(across(one[0]) - across(f) + (right ? -40 : 40)) < 45;
      const low = lasts.some((one, j) => j !== k && one && near(one));
      const [x, y] = low ? [right ? -10 : 10, 24] : [right ? 13 : -13, 4];
      names.push(svg("g", { class: drawn.getAttribute("class") }, label(across(f) + x, up(b) + y, right ? "start" : "end", regime, "explorer-name")));
      spoken.push(`${regime} ${years(last.period)}: formalisation ${words(f)}, ${by} ${words(b)}, ${labelOf(last, by)}.`);
      return drawn;
    });
    const [right, bottom] = [LEFT + SIDE, TOP + SIDE];
    const corners = [
      [right - 7, bottom - 9, "end", "dead_letter"],
      [right - 7, TOP + 18, "end", "full_blown"],
      [LEFT + 7, TOP + 18, "start", "tacit"],
      [LEFT + 7, bottom - 9, "start", "none"],
    ].map(([x, y, anchor, one]) => label(x, y, anchor, data.names[one], "explorer-cell"));
    const ticks = [0, 0.5, 1].flatMap((one) => [
      label(across(one), bottom + 16, "middle", String(one), "explorer-tick"),
      label(LEFT - 7, up(one) + 4, "end", String(one), "explorer-tick"),
    ]);
    const title = `Plane of formalisation (across) and ${by} (upwards), both from 0 to 1`;
    byId("explorer-plane").replaceChildren(
      svg(
        "svg",
        { viewBox: `0 0 ${right + 14} ${bottom + 40}`, role: "img", "aria-label": `${title}. ${spoken.join(" ")}` },
        svg("rect", { x: LEFT, y: TOP, width: SIDE, height: SIDE, class: "explorer-frame" }),
        ...(formal ? [svg("line", { ...ends, x1: across(formal[1]), x2: across(formal[1]), class: "explorer-cross" })] : []),
        svg("line", { ...ends, y1: up(state.anchors[by][1]), y2: up(state.anchors[by][1]), class: "explorer-cross" }),
        ...corners,
        ...ticks,
        label(LEFT + SIDE / 2, bottom + 34, "middle", `formalisation (across), ${by} (upwards)`, "explorer-tick"),
        ...ways,
        ...names,
      ),
    );
  }

  function show() {
    if ((window.location.hash || "#") !== address()) window.history.replaceState(null, "", address());
    showControls();
    showWords();
    showTables();
    showPlane();
  }

  // ---- start -------------------------------------------------------------------------------------------------------

  for (const entry of all("[data-setting]")) {
    entry.addEventListener("change", () => {
      const place = Number(entry.dataset.setting);
      set({ options: state.options.map((one, k) => (k === place ? entry.selectedIndex : one)) });
    });
  }
  for (const group of all("[data-anchors]")) {
    [...group.querySelectorAll("input")].forEach((entry, k) => {
      entry.addEventListener("change", () => moveAnchor(group.dataset.anchors, k, entry.valueAsNumber));
    });
  }
  byId("explorer-reset").addEventListener("click", () => set(fresh()));
  for (const id of ["explorer-part", "explorer-basis"]) byId(id).addEventListener("change", show);
  for (const off of all(":disabled")) off.disabled = false;
  for (const drawn of all("[hidden]")) drawn.hidden = false;
  all(".explorer-off")[0].hidden = true;
  window.addEventListener("hashchange", () => set(asked(window.location.hash)));
  window.deadletterExplorer = Object.freeze({ set, fresh, command, results: () => results });
  set(asked(window.location.hash));
}

// the page may link the script before its body or after it
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startExplorer);
else startExplorer();
