// Finds claims, rows and sections of pages by their words, with an excerpt. The entries come with the site as a classic
// script, so that the search also works where pages are files.
(() => {
  "use strict";
  const MOST = 60;
  const AROUND = 90;
  const entries = window.deadletterEntries ?? [];
  const asked = (new URLSearchParams(location.search).get("q") ?? "").trim();
  const fold = window.deadletterFold;
  const words = fold(asked).split(/\s+/).filter(Boolean);
  const status = document.getElementById("search-status");
  document.querySelector(".search-form input").value = asked;
  if (!words.length) {
    status.textContent = "";
    return;
  }

  /** Lower is better: all words in the title, at its beginning first; then in the text. */
  function rank([title, , text]) {
    const [head, body] = [fold(title), fold(text)];
    if (!words.every((word) => head.includes(word) || body.includes(word))) return Infinity;
    if (head.startsWith(words.join(" "))) return 0;
    return words.every((word) => head.includes(word)) ? 1 : 2;
  }

  function excerpt(text) {
    const hits = (piece) => words.some((word) => fold(piece).includes(word));
    const pieces = text.split(/(\s+)/);
    const found = pieces.slice(0, Math.max(pieces.findIndex(hits), 0)).join("").length;
    const start = Math.max(0, found - AROUND);
    const part = text.slice(start, found + AROUND * 2);
    const shown = document.createElement("p");
    shown.append(start > 0 ? "… " : "");
    for (const piece of part.split(/(\s+)/)) {
      const node = document.createElement(hits(piece) ? "mark" : "span");
      node.textContent = piece;
      shown.append(node);
    }
    shown.append(text.length > start + part.length ? " …" : "");
    return shown;
  }

  const found = entries.map((entry) => [rank(entry), entry]).filter(([place]) => place < Infinity);
  found.sort(([a], [b]) => a - b);
  const items = found.slice(0, MOST).map(([, [title, address, text]]) => {
    const way = document.createElement("a");
    way.href = address;
    way.textContent = title;
    const item = document.createElement("li");
    item.append(way, excerpt(text));
    return item;
  });
  document.getElementById("search-results").replaceChildren(...items);
  const many = found.length > MOST ? `, the first ${MOST} shown` : "";
  status.textContent = found.length ? `${found.length} found${many}` : `Nothing found for “${asked}”`;
})();
