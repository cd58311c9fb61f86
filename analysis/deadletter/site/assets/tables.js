// Sorting, filters and a search for tables that ask for them (data-tools). Without this, they stand as plain tables.
(() => {
  "use strict";
  // what a keyboard types finds what is printed: case, marks on letters, kinds of dashes and quotation marks do not count
  window.deadletterFold = (text) =>
    text
      .normalize("NFKD")
      .replace(/["“”„«»\p{M}]/gu, "")
      .replace(/[‐-―−]/g, "-")
      .replace(/[‘’ʼ]/g, "'")
      .toLowerCase();
  const told = (cell) => cell.textContent.trim();
  const collator = new Intl.Collator("en", { numeric: true });
  // a cell may go on after its number: an interval, a sign of percent
  const number = (text) => parseFloat(text.replace("−", "-"));
  const compared = (a, b) => number(a) - number(b) || collator.compare(a, b);

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => (up ? 1 : -1) * compared(told(a.cells[column]), told(b.cells[column])));
        table.tBodies[0].append(...rows);
        table.dispatchEvent(new Event("sorted"));
      });
    });
    return heads;
  }

  function labelled(words, control) {
    const label = document.createElement("label");
    label.append(words, control);
    return label;
  }

  // so many rows are shown until the reader asks for all
  const MOST = window.matchMedia("(max-width: 36rem)").matches ? 25 : 100;

  function tools(table) {
    const heads = sortable(table);
    const rows = [...table.tBodies[0].rows];
    const bar = document.createElement("div");
    bar.className = "tools";
    const search = document.createElement("input");
    search.type = "search";
    bar.append(labelled("Search", search));
    const choices = heads
      .filter((head) => "choice" in head.dataset)
      .map((head) => {
        const column = heads.indexOf(head);
        const select = document.createElement("select");
        const values = new Set(rows.map((row) => told(row.cells[column])));
        select.add(new Option("all", ""));
        [...values].sort(collator.compare).forEach((value) => select.add(new Option(value || "–", value || "–")));
        bar.append(labelled(told(head), select));
        return [column, select];
      });
    const count = document.createElement("output");
    bar.append(count);
    // rows that a chart or a table points at: #only=e001+e002
    const only = new Set(/^#only=(.+)$/.exec(window.location.hash)?.[1].split("+"));
    let most = MOST;
    const every = document.createElement("button");
    every.type = "button";
    every.textContent = "Show all rows";
    every.addEventListener("click", () => {
      only.clear();
      most = Infinity;
      apply();
    });
    bar.append(every);
    const apply = () => {
      const words = window.deadletterFold(search.value).split(/\s+/).filter(Boolean);
      let found = 0;
      for (const row of table.tBodies[0].rows) {
        const all = window.deadletterFold(row.textContent);
        const keep =
          (!only.size || only.has(row.id)) &&
          words.every((word) => all.includes(word)) &&
          choices.every(([column, select]) => !select.value || (told(row.cells[column]) || "–") === select.value);
        row.hidden = !keep;
        found += keep;
        row.classList.toggle("beyond", found > most);
      }
      count.value = `${Math.min(found, most)} of ${rows.length} rows`;
      every.hidden = !only.size && found <= most;
    };
    bar.addEventListener("input", apply);
    table.addEventListener("sorted", apply);
    table.parentElement.before(bar);
    apply();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("table[data-tools]").forEach(tools);
    reveal();
    window.addEventListener("hashchange", reveal);
  });

  // what an address points at opens: all that holds it, and what it holds itself
  function reveal() {
    const target = document.getElementById(window.location.hash.slice(1));
    const own = target?.querySelector("details.more, details.fold");
    const around = [];
    for (let one = target?.closest("details"); one; one = one.parentElement.closest("details")) around.push(one);
    for (const one of [...around, ...(own ? [own] : [])]) one.open = true;
    target?.classList.remove("beyond");
    target?.scrollIntoView();
  }
})();
