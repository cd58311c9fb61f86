/* The coding explorer: indices, memberships and labels from the coded rows in the page, as analysis/indices computes
   them, operation by operation in the same order, so that sums end in the same bits; a test compares the two.
   No library, no request, nothing evaluated. `deadletterExplorer` is what the page (and the test) drives. */
"use strict";

function startExplorer() {
  const byId = (id) => document.getElementById(id);
  const source = byId("explorer-data");
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const INDICES = ["formalisation", ...data.bases];
  const NEARLY_GEOMETRIC = 1e-8;

  // ---- means -------------------------------------------------------------------------------------------------------

  /** (Σ w x^p / Σ w)^(1/p) over the entries present (known, weight above 0); NaN where none is. */
  function powerMean(x, w, p) {
    let [lowest, highest, total, powers, logs] = [Infinity, 0, 0, 0, 0];
    const present = x.map((value, k) => !Number.isNaN(value) && w[k] > 0);
    x.forEach((value, k) => {
      if (present[k] && value < lowest) lowest = value;
      if (present[k] && value > highest) highest = value;
    });
    const geometric = Math.abs(p) < NEARLY_GEOMETRIC;
    const finite = Number.isFinite(p) && !geometric ? p : 1;
    // powers of shares of the dominant entry neither overflow nor vanish together
    const dominant = finite > 0 ? highest : lowest;
    const unit = dominant > 0 && Number.isFinite(dominant) ? dominant : 1;
    x.forEach((value, k) => {
      if (!present[k]) return;
      total += w[k];
      powers += w[k] * Math.pow(value / unit, finite);
      logs += w[k] * Math.log(value);
    });
    if (!(total > 0)) return NaN;
    // a nought among the entries gives 0 for every p ≤ 0 by itself: its logarithm or its power is infinite
    if (geometric) return Math.exp(logs / total);
    return Number.isFinite(p) ? unit * Math.pow(powers / total, 1 / finite) : lowest;
  }

  const mean = (x, w = x.map(() => 1)) => powerMean(x, w, 1);

  /** One minus twice the weighted standard deviation. */
  function convergence(x, w) {
    const middle = mean(x, w);
    return 1 - 2 * Math.sqrt(mean(x.map((value) => (value - middle) * (value - middle)), w));
  }

  // ---- whose ratings -----------------------------------------------------------------------------------------------

  const known = (value) => (value === null || value === undefined ? NaN : value);

  /** Kinds have no mean: there the first coder's count. */
  const nominal = (perCoder, coder) => perCoder[coder === "mean" ? 0 : data.coders.indexOf(coder)];

  /** A number of one coder, or the mean over the coders who gave one. */
  function ordinal(perCoder, coder) {
    if (coder !== "mean") return known(perCoder[data.coders.indexOf(coder)]);
    const given = perCoder.filter((value) => !Number.isNaN(known(value)));
    return given.length ? given.reduce((sum, value) => sum + value, 0) / given.length : NaN;
  }

  const counts = (aspect, wanted) => wanted === "all" || aspect === wanted;

  // ---- indices: value, and n as the table of results counts it -----------------------------------------------------

  const guarded = (value, n) => ({ value: n < data.minimum ? NaN : value, n });

  function formalisation(scope, s) {
    const sums = data.components.map(() => data.dimensions.map(() => 0));
    const counted = data.components.map(() => data.dimensions.map(() => 0));
    let n = 0;
    for (const place of scope.norms) {
      const [component, aspect, ratings] = data.norms[place];
      if (component === null || !counts(aspect, s["formalisation.aspect"])) continue;
      n += 1;
      data.dimensions.forEach((_, d) => {
        const value = ordinal(ratings.map((row) => row[d]), s.coder);
        if (Number.isNaN(value)) return;
        sums[component][d] += value;
        counted[component][d] += 1;
      });
    }
    const weights = (kind, names) => names.map((name) => s[`formalisation.${kind}_weights.${name}`]);
    const exponent = (kind) => Number(s[`formalisation.${kind}_exponent`].replace(".inf", "Infinity"));
    const inner = weights("dimension", data.dimensions);
    const base = sums.map((row, c) => row.map((sum, d) => (counted[c][d] > 0 ? sum / counted[c][d] : NaN)));
    const parts = base.map((row) => powerMean(row, inner, exponent("dimension")));
    return guarded(powerMean(parts, weights("component", data.components), exponent("component")), n);
  }

  function expectation(scope, s) {
    const met = s["expectation.definition"] === "met";
    const [places, rows] = met ? [scope.wishes, data.wishes] : [scope.outlook, data.outlook];
    const states = new Map();
    let n = 0;
    for (const place of places) {
      const [state, values, feeding] = rows[place];
      const fed = nominal(feeding, s.coder);
      if (fed === null || (fed && s["expectation.overlap"] === "drop")) continue;
      n += 1;
      const value = ordinal(values, s.coder);
      const [sum, count] = states.get(state) || [0, 0];
      states.set(state, Number.isNaN(value) ? [sum, count] : [sum + value, count + 1]);
    }
    const names = [...states.keys()].sort();
    const means = names.map((name) => states.get(name)[0] / states.get(name)[1]);
    const weights = names.map((name) => scope.sizes[s["expectation.state_weights"]][name]);
    const level = mean(means, weights);
    return guarded(s["expectation.aggregate"] === "level" ? level : level * convergence(means, weights), n);
  }

  function compliance(scope, s) {
    let [violated, ambiguous, complied] = [0, 0, 0];
    for (const place of scope.tests[s["compliance.aspect"]]) {
      const verdict = nominal(data.tests[place], s.coder);
      if (verdict === 0) violated += 1;
      if (verdict === 1) ambiguous += 1;
      if (verdict === 2) complied += 1;
    }
    if (s["compliance.exits"] === "violated") violated += scope.exits;
    if (s["compliance.exits"] === "ambiguous") ambiguous += scope.exits;
    const n = violated + ambiguous + complied;
    return guarded((complied + ambiguous * s["compliance.ambiguous"]) / n, n);
  }

  function output(scope, s) {
    const points = [0, s["output.partly"], 1];
    const rows = scope.norms.map((place) => data.norms[place]).filter((row) => counts(row[1], s["output.aspect"]));
    const worth = (status) => (status === null ? null : points[status]);
    const values = rows.map((row) => ordinal(row[3].map(worth), s.coder));
    return guarded(mean(values), values.filter((value) => !Number.isNaN(value)).length);
  }

  // ---- placement ---------------------------------------------------------------------------------------------------

  function membership(x, index, s) {
    const [e, c, i] = ["exclusion", "crossover", "inclusion"].map((anchor) => s[`calibration.${index}.${anchor}`]);
    return 1 / (1 + Math.exp((-data.logOdds * (x - c)) / (x >= c ? i - c : c - e)));
  }

  function place(f, e) {
    const four = [Math.min(f, 1 - e), Math.min(f, e), Math.min(1 - f, e), Math.min(1 - f, 1 - e)];
    const top = Math.max(...four);
    const leads = data.cells.filter((_, k) => four[k] === top);
    const label = Number.isNaN(top) ? "missing" : leads.length > 1 ? "undecided" : leads[0];
    return { memberships: Object.fromEntries(data.cells.map((cell, k) => [cell, four[k]])), label };
  }

  /** Every scope under some settings: its indices, and its placement by each basis. */
  function compute(s) {
    return data.scopes.map((scope) => {
      const [F, E, C, O] = [formalisation, expectation, compliance, output].map((index) => index(scope, s));
      const values = { formalisation: F, expectation: E, compliance: C, output: O };
      const formal = membership(F.value, "formalisation", s);
      const placement = data.bases.map((basis) => [basis, place(formal, membership(values[basis].value, basis, s))]);
      const { regime, component, period } = scope;
      return { regime, component, period, values, placement: Object.fromEntries(placement) };
    });
  }

  // ---- state -------------------------------------------------------------------------------------------------------

  const STEP = 0.01;
  const WIDE = 830; // pixels from which settings and results stand side by side, as in the style sheet
  const start = Object.freeze({ ...data.start });
  const baseline = compute(start);
  const state = { ...start };
  let results = baseline;
  let remark = "";

  const changed = () => Object.keys(start).filter((key) => state[key] !== start[key]);
  // short enough for a command line, and never in the notation with an exponent, which YAML would take for text
  const rounded = (value) => Math.round(value * 1e6) / 1e6;

  const controls = [...document.querySelectorAll("#explorer .explorer-control")];
  const bundleOf = (control) => {
    const bundle = control.closest(".explorer-bundle");
    const keys = [...bundle.querySelectorAll(".explorer-control")].map((other) => other.dataset.key);
    return { kind: bundle.dataset.bundle, keys };
  };

  /** A control was moved: weights keep their sum of one, anchors their order. */
  function move(control, value) {
    const key = control.dataset.key;
    const { kind, keys } = bundleOf(control);
    remark = "";
    if (kind === "weights") {
      const others = keys.filter((other) => other !== key);
      // the others keep their proportions; where all have become nought, they come back as they began, or even
      const proportions = [state, start, Object.fromEntries(others.map((other) => [other, 1]))]
        .map((held) => others.map((other) => held[other]))
        .find((held) => held.some((weight) => weight > 0));
      const rest = proportions.reduce((sum, weight) => sum + weight, 0);
      state[key] = rounded(value);
      others.forEach((other, k) => {
        state[other] = rounded((1 - value) * (proportions[k] / rest));
      });
    } else if (kind === "anchors") {
      const k = keys.indexOf(key);
      const low = k > 0 ? state[keys[k - 1]] + STEP : 0;
      const high = k < keys.length - 1 ? state[keys[k + 1]] - STEP : 1;
      state[key] = rounded(Math.min(Math.max(value, low), high));
      if (value < low) remark = "An anchor stays above the one before it.";
      if (value > high) remark = "An anchor stays below the one after it.";
    } else {
      state[key] = typeof value === "number" ? rounded(value) : value;
    }
    refresh();
  }

  /** Values that hang together go back together; a single one goes alone. */
  function reset(control) {
    const { kind, keys } = bundleOf(control);
    for (const key of kind === "single" ? [control.dataset.key] : keys) state[key] = start[key];
    remark = "";
    refresh();
  }

  function set(settings) {
    const unknown = Object.keys(settings).filter((key) => !(key in start));
    if (unknown.length) throw new Error(`unknown settings: ${unknown.join(", ")}`);
    Object.assign(state, settings);
    remark = "";
    refresh();
    return results;
  }

  // ---- page --------------------------------------------------------------------------------------------------------

  const SVG = "http://www.w3.org/2000/svg";
  function node(tag, attributes = {}, ...children) {
    const made = attributes.svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (name !== "svg") made.setAttribute(name, value);
    made.append(...children);
    return made;
  }
  const svg = (tag, attributes, ...children) => node(tag, { ...attributes, svg: true }, ...children);
  const short = (value) => value.toFixed(2);
  const basis = () => byId("explorer-basis").value;
  const shown = (rows) => rows.filter((row) => row.component === byId("explorer-part").value);
  const regimes = () => [...new Set(shown(results).map((row) => row.regime))];
  const told = ({ value, n }) => (!Number.isNaN(value) ? short(value) : n ? `too few rows (${n})` : "no rows");
  const say = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  /** Only what is chosen from a list or typed in full reaches the command: nothing in it needs quotes. */
  const command = () =>
    [`deadletter run ${data.coding}`, ...changed().map((key) => `--set ${key}=${state[key]}`)].join(" \\\n  ");

  function showControls() {
    for (const control of controls) {
      const key = control.dataset.key;
      const moved = state[key] !== start[key];
      for (const entry of control.querySelectorAll("input, select")) {
        const text = typeof state[key] === "number" ? String(Number(state[key].toFixed(4))) : state[key];
        entry.value = text;
      }
      const note = control.querySelector(".explorer-moved");
      control.classList.toggle("explorer-is-moved", moved);
      if (note.hidden === moved) {
        note.hidden = !moved;
        const first = typeof start[key] === "number" ? String(Number(start[key].toFixed(4))) : start[key];
        say(note.querySelector("span"), `${data.coding}: ${first.replace("-.inf", "−∞").replaceAll("_", " ")}`);
      }
    }
    for (const group of document.querySelectorAll("#explorer .explorer-group")) {
      const moved = group.querySelectorAll(".explorer-is-moved").length;
      group.querySelector("summary").dataset.moved = moved ? `${moved} changed` : "";
    }
  }

  /** Labels that differ, of the part shown: [row, basis, from, to]. */
  function differences() {
    const before = shown(baseline);
    return shown(results).flatMap((row, k) =>
      data.bases
        .map((by) => [row, by, before[k].placement[by].label, row.placement[by].label])
        .filter(([, , from, to]) => from !== to),
    );
  }

  function showWords() {
    const moved = changed().length;
    const labels = differences();
    const many = (n, noun, verb) => `${n || "no"} ${noun}${n === 1 ? "" : "s"} ${n === 1 ? verb[0] : verb[1]}`;
    const sentence = moved
      ? `${many(moved, "setting", ["differs", "differ"])} from “${data.coding}”, ` +
        `${many(labels.length, "label", ["changes", "change"])}.`
      : `Settings as in “${data.coding}”.`;
    const last = regimes().map((regime) => {
      const row = shown(results).findLast((other) => other.regime === regime);
      return `${regime} ${data.names[row.placement[basis()].label]}`;
    });
    say(byId("explorer-status"), [sentence, `Last period by ${basis()}: ${last.join(", ")}.`, remark].join(" ").trim());
    document.querySelector("#explorer .explorer-changed").hidden = !labels.length;
    byId("explorer-changes").replaceChildren(
      ...labels.map(([row, by, from, to]) => {
        const words = `${row.regime} ${row.period}, by ${by}: ${data.names[from]} → `;
        return node("li", {}, words, node("strong", {}, data.names[to]));
      }),
    );
    say(byId("explorer-command"), command());
  }

  function cell(text, before) {
    if (text === before) return node("td", {}, text);
    return node("td", { class: "explorer-new" }, text, node("span", { class: "explorer-was" }, ` was ${before}`));
  }

  function bodies(cells, columns) {
    const before = shown(baseline);
    return regimes().map((regime) => {
      const heading = node("tr", {}, node("th", { scope: "rowgroup", colspan: columns }, regime));
      const lines = shown(results)
        .map((row, k) => [row, before[k]])
        .filter(([row]) => row.regime === regime)
        .map(([row, was]) => node("tr", {}, node("th", { scope: "row" }, row.period), ...cells(row, was)));
      return node("tbody", {}, heading, ...lines);
    });
  }

  function showTables() {
    const indices = bodies(
      (row, was) => [
        ...INDICES.map((index) => cell(told(row.values[index]), told(was.values[index]))),
        ...data.bases.map((by) => cell(data.names[row.placement[by].label], data.names[was.placement[by].label])),
      ],
      1 + INDICES.length + data.bases.length,
    );
    const table = byId("explorer-table");
    for (const body of [...table.tBodies]) body.remove();
    table.append(...indices);
    const text = (placed, c) => (Number.isNaN(placed.memberships[c]) ? "–" : short(placed.memberships[c]));
    const memberships = bodies(
      (row, was) =>
        data.cells.map((c) => {
          const made = cell(text(row.placement[basis()], c), text(was.placement[basis()], c));
          made.classList.toggle("explorer-leads", row.placement[basis()].label === c);
          return made;
        }),
      1 + data.cells.length,
    );
    const head = ["Period", ...data.cells.map((c) => data.names[c])].map((name) => node("th", { scope: "col" }, name));
    byId("explorer-memberships").replaceChildren(
      node("caption", {}, `Memberships of the four cells, by formalisation and ${basis()}; the leading cell is bold`),
      node("thead", {}, node("tr", {}, ...head)),
      ...memberships,
    );
  }

  // ---- the plane ---------------------------------------------------------------------------------------------------

  const SIDE = 360;
  const [LEFT, TOP] = [48, 14];
  const across = (value) => LEFT + value * SIDE;
  const up = (value) => TOP + (1 - value) * SIDE;

  function mark(k, x, y, size, attributes) {
    if (k % 4 === 0) return svg("circle", { cx: x, cy: y, r: size, ...attributes });
    const side = 1.3 * size;
    const d = {
      1: `M${x - size},${y - size}h${2 * size}v${2 * size}h${-2 * size}z`,
      2: `M${x},${y - side}l${side},${2 * size}h${-2 * side}z`,
      3: `M${x},${y - side}l${side},${side}l${-side},${side}l${-side},${-side}z`,
    }[k % 4];
    return svg("path", { d, ...attributes });
  }

  function backdrop(by) {
    const anchor = (index, name) => state[`calibration.${index}.${name}`];
    const [fe, fc, fi] = ["exclusion", "crossover", "inclusion"].map((name) => across(anchor("formalisation", name)));
    const [be, bc, bi] = ["exclusion", "crossover", "inclusion"].map((name) => up(anchor(by, name)));
    const ends = { x1: LEFT, x2: LEFT + SIDE, y1: TOP, y2: TOP + SIDE };
    const words = (x, y, side, text) => svg("text", { x, y, class: "explorer-cell", "text-anchor": side }, text);
    const tick = (x, y, side, value) =>
      svg("text", { x, y, class: "explorer-tick", "text-anchor": side }, String(value));
    const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((value) => [
      tick(across(value), TOP + SIDE + 18, "middle", value),
      tick(LEFT - 7, up(value) + 4, "end", value),
    ]);
    const [middle, low] = [LEFT + SIDE / 2, TOP + SIDE / 2];
    return [
      svg("rect", { x: fe, y: TOP, width: fi - fe, height: SIDE, class: "explorer-band" }),
      svg("rect", { x: LEFT, y: bi, width: SIDE, height: be - bi, class: "explorer-band" }),
      svg("rect", { x: LEFT, y: TOP, width: SIDE, height: SIDE, class: "explorer-frame" }),
      svg("line", { ...ends, x1: fc, x2: fc, class: "explorer-cross" }),
      svg("line", { ...ends, y1: bc, y2: bc, class: "explorer-cross" }),
      words(LEFT + SIDE - 7, TOP + SIDE - 9, "end", data.names.dead_letter),
      words(LEFT + SIDE - 7, TOP + 18, "end", data.names.full_blown),
      words(LEFT + 7, TOP + 18, "start", data.names.tacit),
      words(LEFT + 7, TOP + SIDE - 9, "start", data.names.none),
      ...ticks,
      svg("text", { x: middle, y: TOP + SIDE + 38, class: "explorer-axis", "text-anchor": "middle" }, "formalisation"),
      svg(
        "text",
        { x: 12, y: low, class: "explorer-axis", "text-anchor": "middle", transform: `rotate(-90 12 ${low})` },
        by,
      ),
    ];
  }

  function way(regime, k, by) {
    const points = (rows) =>
      shown(rows)
        .filter((row) => row.regime === regime)
        .map((row) => ({ row, f: row.values.formalisation.value, b: row.values[by].value }))
        .filter(({ f, b }) => !Number.isNaN(f) && !Number.isNaN(b));
    const now = points(results);
    const last = now[now.length - 1];
    const drawn = svg("g", { class: `explorer-way explorer-regime-${k % 5}` });
    if (!last) return { drawn, words: `${regime}: not on the plane, for lack of rows.` };
    const through = now.map(({ f, b }) => `${across(f)},${up(b)}`).join(" ");
    drawn.append(svg("polyline", { points: through, class: "explorer-path" }));
    const was = points(baseline).find(({ row }) => row.period === last.row.period);
    if (was && (was.f !== last.f || was.b !== last.b)) {
      const ends = { x1: across(was.f), y1: up(was.b), x2: across(last.f), y2: up(last.b) };
      drawn.append(svg("line", { ...ends, class: "explorer-shift" }));
      drawn.append(mark(k, across(was.f), up(was.b), 6, { class: "explorer-ghost" }));
    }
    for (const { row, f, b } of now) {
      const point = mark(k, across(f), up(b), row === last.row ? 8 : 3.5, { class: "explorer-point" });
      point.append(svg("title", {}, `${regime} ${row.period}: ${short(f)}, ${short(b)}`));
      drawn.append(point);
    }
    // the name stands where neither the frame nor the mark of the baseline is in its way
    const right = last.f < 0.12 || (last.f < 0.75 && !(was && was.f > last.f && was.f - last.f < 0.15));
    const where = { x: across(last.f) + (right ? 13 : -13), y: up(last.b) + 4, "text-anchor": right ? "start" : "end" };
    drawn.append(svg("text", { ...where, class: "explorer-name" }, regime));
    const label = data.names[last.row.placement[by].label];
    const words = `${regime} ${last.row.period}: formalisation ${short(last.f)}, ${by} ${short(last.b)}, ${label}.`;
    return { drawn, words };
  }

  function showPlane() {
    const by = basis();
    const ways = regimes().map((regime, k) => way(regime, k, by));
    const title = `Plane of formalisation (across) and ${by} (upwards), both from 0 to 1`;
    const told = { role: "img", "aria-labelledby": "explorer-plane-title explorer-plane-words" };
    const picture = svg(
      "svg",
      { viewBox: `0 0 ${LEFT + SIDE + 14} ${TOP + SIDE + 46}`, ...told },
      svg("title", { id: "explorer-plane-title" }, title),
      svg("desc", { id: "explorer-plane-words" }, ways.map(({ words }) => words).join(" ")),
      ...backdrop(by),
      ...ways.map(({ drawn }) => drawn),
    );
    byId("explorer-plane").replaceChildren(picture);
  }

  function refresh() {
    results = compute(state);
    showControls();
    showWords();
    showTables();
    showPlane();
  }

  // ---- start -------------------------------------------------------------------------------------------------------

  for (const control of controls) {
    for (const entry of control.querySelectorAll("input, select")) {
      // a number counts when it is complete, a slider while it moves
      entry.addEventListener(entry.type === "number" ? "change" : "input", () => {
        if (entry.tagName === "SELECT") move(control, entry.value);
        else if (entry.value === "") refresh();
        else move(control, Math.min(Math.max(Number(entry.value), 0), 1));
      });
    }
    control.querySelector(".explorer-moved button").addEventListener("click", () => {
      reset(control);
      control.querySelector("select, input").focus();
    });
  }
  byId("explorer-reset").addEventListener("click", () => set(start));
  for (const id of ["explorer-part", "explorer-basis"]) byId(id).addEventListener("change", refresh);
  for (const off of document.querySelectorAll("#explorer :disabled")) off.disabled = false;
  document.querySelector("#explorer .explorer-off").hidden = true;
  for (const drawn of [document.querySelector("#explorer .explorer-figure"), byId("explorer-memberships-box")]) {
    drawn.hidden = false;
  }
  if (byId("explorer").clientWidth >= WIDE) document.querySelector("#explorer .explorer-group").open = true;
  window.deadletterExplorer = Object.freeze({ set, results: () => results, start, command });
  refresh();
}

// the page may link the script before its body or after it
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startExplorer);
else startExplorer();
