// The composer shows while one types what becomes of a draft; the calendar is
// dragged, or moved with Alt and the arrows. Every page is complete without this
// file: what it sends, the forms that are there send too.
"use strict";
(() => {
  const $ = (sel, from = document) => from.querySelector(sel);
  const $$ = (sel, from = document) => [...from.querySelectorAll(sel)];

  function composing(form) {
    let timer, turn = 0, dirty = false;
    const status = $("#unsaved");
    const look = async () => {
      const data = new FormData(form), mine = ++turn;
      data.delete("file"); // pictures are brought when the draft is saved
      const r = await fetch(form.dataset.compose, { method: "POST", body: data, credentials: "same-origin" }).catch(() => null);
      if (!r || !r.ok || mine !== turn) return;
      const fresh = $("#versions", new DOMParser().parseFromString(await r.text(), "text/html"));
      if (fresh) $("#versions").replaceWith(document.adoptNode(fresh));
    };
    form.addEventListener("input", () => {
      dirty = true;
      if (status) status.textContent = status.dataset.unsaved;
      clearTimeout(timer);
      timer = setTimeout(look, 300);
    });
    form.addEventListener("submit", () => { dirty = false; });
    addEventListener("beforeunload", (e) => { if (dirty && form.isConnected) e.preventDefault(); });
  }

  // move sends the entry's own form with another day; its time stays.
  function move(entry, day) {
    const form = $("form.move", entry);
    if (!form || !day) return;
    form.elements.date.value = day;
    form.requestSubmit();
  }

  function calendar(box) {
    let dragged = null;
    box.addEventListener("dragstart", (e) => {
      dragged = e.target.closest(".entry[draggable]");
      if (dragged) e.dataTransfer.setData("text/plain", dragged.dataset.story);
    });
    box.addEventListener("dragend", () => { dragged = null; for (const td of $$(".over", box)) td.classList.remove("over"); });
    box.addEventListener("dragover", (e) => {
      const td = dragged && e.target.closest("td[data-day]:not(.past)");
      for (const one of $$(".over", box)) if (one !== td) one.classList.remove("over");
      if (!td) return;
      e.preventDefault();
      td.classList.add("over");
    });
    box.addEventListener("drop", (e) => {
      const td = dragged && e.target.closest("td[data-day]:not(.past)");
      if (!td) return;
      e.preventDefault();
      move(dragged, td.dataset.day);
    });
    box.addEventListener("keydown", (e) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[e.key];
      const entry = e.altKey && by && e.target.closest(".entry[draggable]");
      if (!entry) return;
      const day = new Date($("form.move", entry).elements.date.value + "T12:00:00Z");
      if (isNaN(day)) return;
      day.setUTCDate(day.getUTCDate() + by);
      e.preventDefault();
      move(entry, day.toISOString().slice(0, 10));
    });
  }

  const done = new WeakSet();
  function prepare() {
    for (const form of $$("form[data-compose]")) if (!done.has(form)) { done.add(form); composing(form); }
    for (const box of $$("[data-calendar]")) if (!done.has(box)) { done.add(box); calendar(box); }
  }
  document.addEventListener("sheet", prepare);
  prepare();
})();
