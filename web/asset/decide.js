// The decision by keys: a digit for the verdict, a digit for the reason; the
// answers then appear beneath. Without this file the same form is sent by hand.
"use strict";
(() => {
  const $ = (sel, from = document) => from.querySelector(sel);
  const $$ = (sel, from = document) => [...from.querySelectorAll(sel)];
  const form = () => $("form[data-decide]");
  const words = (f) => $$("[data-words]", f);
  const fixed = (f, area) => $$("[name=why]", f).map((r) => r.getAttribute("data-in-" + area.dataset.words));

  // fill writes the chosen reason into every language, but never over words
  // that somebody typed.
  function fill(f, reason) {
    for (const area of words(f)) {
      if (area.value === "" || fixed(f, area).includes(area.value)) area.value = reason?.getAttribute("data-in-" + area.dataset.words) ?? "";
    }
  }

  function verdict(f, n) {
    const r = $(`[data-verdict="${n}"]`, f);
    if (!r) return false;
    r.checked = true;
    r.dispatchEvent(new Event("change", { bubbles: true }));
    r.focus();
    return true;
  }

  // reason chooses and sends: nothing leaves the house by it, and z takes it back.
  function reason(f, n) {
    const r = $$("[data-reason]", f).find((el) => el.dataset.reason === n && el.checkVisibility());
    if (!r) return false;
    r.checked = true;
    fill(f, r);
    f.requestSubmit();
    return true;
  }

  function back(f) {
    for (const r of $$("[name=verdict], [name=why]", f)) r.checked = false;
    fill(f, null);
    $("[data-verdict]", f).focus();
  }

  document.addEventListener("change", (e) => {
    const f = e.target.closest?.("form[data-decide]");
    if (!f) return;
    if (e.target.name === "why") fill(f, e.target);
    if (e.target.name === "verdict") {
      for (const r of $$("[name=why]", f)) r.checked = false;
      fill(f, null);
    }
  });

  document.addEventListener("keydown", (e) => {
    const f = form();
    if (!f || e.ctrlKey || e.metaKey || e.altKey || $("dialog[open]")) return;
    if (e.target.matches("[data-words]")) {
      if (e.key !== "Enter" || e.shiftKey) return;
      e.preventDefault();
      f.requestSubmit();
      return;
    }
    if (e.target.matches("input:not([type=radio]), textarea, select")) return;
    const chosen = $("[name=verdict]:checked", f);
    let done = false;
    if (/^[1-9]$/.test(e.key)) done = chosen ? reason(f, e.key) : verdict(f, e.key);
    else if (e.key === "Escape" && chosen) { back(f); done = true; }
    else if (e.key === "z" && chosen) { back(f); done = true; }
    else if (e.key === "e" && chosen) { words(f)[0]?.focus(); done = true; }
    if (done) e.preventDefault();
  }, true);
})();
