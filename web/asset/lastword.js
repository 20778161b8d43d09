// Keys, live updates and pages without a full reload. Every page is complete
// without this file: it presses buttons and follows links that are there.
"use strict";
(() => {
  const $ = (sel, from = document) => from.querySelector(sel);
  const $$ = (sel, from = document) => [...from.querySelectorAll(sel)];
  const later = (ms, f) => { let t; return (...a) => { clearTimeout(t); t = setTimeout(f, ms, ...a); }; };
  const parse = (html) => new DOMParser().parseFromString(html, "text/html");

  // --- pages without a full reload ---

  async function load(url, options) {
    const r = await fetch(url, { ...options, headers: { Accept: "text/html" }, credentials: "same-origin" });
    return { page: parse(await r.text()), url: r.url, ok: r.ok };
  }

  // show puts another page's sheet into this one. A page of another build or
  // of the door is loaded as a whole.
  function show({ page, url }, then) {
    const main = $("main", page), sheet = $('link[rel="stylesheet"]', page);
    if (!main || !sheet || sheet.href !== $('link[rel="stylesheet"]').href || !page.body.dataset.live) {
      location.assign(url);
      return;
    }
    const change = () => {
      $("main").replaceWith(document.adoptNode(main));
      document.title = page.title;
      document.body.dataset.here = page.body.dataset.here;
      document.body.dataset.place = page.body.dataset.place;
      const target = (then || "").split(" ").map((id) => id && document.getElementById(id)).find(Boolean);
      if (target) {
        target.tabIndex = -1;
        target.focus({ preventScroll: true });
        target.scrollIntoView({ block: "start" });
      }
      prepare();
    };
    if (document.startViewTransition && !matchMedia("(prefers-reduced-motion: reduce)").matches) document.startViewTransition(change);
    else change();
  }

  async function visit(url, then) {
    const got = await load(url);
    if (got.url !== location.href) history.pushState(null, "", got.url);
    show(got, then);
  }

  async function send(form, button) {
    const data = new URLSearchParams(new FormData(form, button));
    const then = form.dataset.then || "";
    for (const b of $$("button", form)) b.disabled = true;
    try {
      const got = await load(form.action, { method: "POST", body: data });
      const at = new URL(got.url);
      if (at.pathname !== location.pathname || at.search !== location.search) {
        if (got.ok) history.pushState(null, "", got.url);
        scrollTo(0, 0);
      }
      show(got, then);
    } catch {
      for (const b of $$("button", form)) b.disabled = false;
      form.submit(); // without us the browser says itself what is wrong
    }
  }

  document.addEventListener("submit", async (e) => {
    const form = e.target;
    if (!form.matches("form[data-swap]") || e.defaultPrevented) return;
    e.preventDefault();
    if (form.matches("[data-after-save]") && saving.dirty) {
      if (!await saving.now()) return;
      const fresh = $("form[data-after-save]");
      if (fresh) send(fresh, null);
      return;
    }
    send(form, e.submitter);
  });

  document.addEventListener("click", (e) => {
    const a = e.target.closest("a[href]");
    if (a && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0 && a.matches(".cover, [data-close]") && a.pathname === location.pathname) {
      e.preventDefault();
      visit(a.href);
    }
    for (const d of $$("details.menu[open], details.clause[open]")) if (!d.contains(e.target)) d.open = false;
    const copy = e.target.closest("[data-copy]");
    if (!copy) return;
    const plain = copy.href && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0;
    if (plain) e.preventDefault();
    copied(copy).then(() => { if (plain) window.open(copy.href, "_blank", "noopener"); });
  });

  // copied puts a text on the clipboard before anything takes the focus away. A
  // browser that lets nobody write there loses nothing: the text stands on the page.
  async function copied(el) {
    try {
      await navigator.clipboard.writeText(document.getElementById(el.dataset.copy).textContent);
      ($("[data-label]", el) || el).textContent = el.dataset.copied;
    } catch { /* it can be selected */ }
  }
  addEventListener("popstate", () => load(location.href).then((got) => show(got)));

  // --- live: the store's pulse rises, the parts that changed are set anew ---

  const live = { since: "", source: null };
  function listen() {
    const address = document.body.dataset.live;
    if (!address || live.source || document.hidden) return;
    live.source = new EventSource(live.since ? "/events?since=" + live.since : address);
    live.source.addEventListener("changed", (e) => { live.since = e.data; refresh(); });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && live.source) { live.source.close(); live.source = null; }
    listen();
  });
  const refresh = later(250, async () => {
    if (!$("[data-live-part]")) return;
    const got = await load(location.href).catch(() => null);
    if (!got || !got.ok) return;
    for (const part of $$("[data-live-part]")) renew(part, got.page.getElementById(part.id));
  });

  // renew leaves alone what somebody is working in.
  function renew(part, fresh) {
    if (!fresh || part.innerHTML === fresh.innerHTML) return;
    if (part.contains(document.activeElement) || !getSelection().isCollapsed) return;
    const name = (d) => $("summary", d).textContent.trim().slice(0, 60);
    const open = new Map($$("details", part).map((d) => [name(d), d.open]));
    const at = $$("[data-list] > li", part).findIndex((li) => li.classList.contains("at"));
    const node = document.adoptNode(fresh);
    for (const d of $$("details", node)) if (open.has(name(d))) d.open = open.get(name(d));
    part.replaceWith(node);
    if (at >= 0) $$("[data-list] > li", node)[at]?.classList.add("at");
  }

  // --- keys ---

  const typing = (t) => t.matches("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  const seen = (el) => el && el.checkVisibility();
  const pressable = (key) => $$(`[data-key="${CSS.escape(key)}"]`, $("main")).find(seen);
  let mode = ""; // "g": a place follows; "c": a kind follows

  function step(by) {
    const items = $$("[data-list] > li").filter(seen);
    if (!items.length) return false;
    const at = items.findIndex((li) => li.classList.contains("at") || li.contains(document.activeElement));
    const next = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(Math.max(at + by, 0), items.length - 1)];
    for (const li of items) li.classList.toggle("at", li === next);
    const item = $("details.item", next);
    if (item) item.open = true;
    const focus = item ? $("summary", item) : $("a[data-open], a, input", next);
    focus?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  function open() {
    const li = $("[data-list] > li.at") || document.activeElement.closest("[data-list] > li") || $("[data-list] > li:has(details[open])");
    const link = li && ($("[data-open]", li) || $("a", li));
    link?.click();
    return Boolean(link);
  }

  function press(key) {
    const el = pressable(key);
    if (el) el.click();
    return Boolean(el);
  }

  function judge(n) {
    const item = $("[data-list] > li.at details[open]") || $("details.item[open]") || $("[data-judge]");
    const link = item && $(`[data-verdict="${n}"]`, item);
    link?.click();
    return Boolean(link);
  }

  // tick takes a voice out of those that belong together, or back.
  function tick(n) {
    const box = $(`main [data-digit="${n}"]`);
    box?.click();
    return Boolean(box);
  }

  function correct(on) {
    const box = $("[data-correct]");
    box?.classList.toggle("asking", on);
    if (on) box?.scrollIntoView({ block: "nearest" });
    return Boolean(box);
  }

  function follow(key) { // the second key of two
    const was = mode;
    mode = "";
    if (was === "c") {
      correct(false);
      const b = $$("[data-correct] [data-kind]").find((el) => el.dataset.kind === key);
      b?.click();
      return Boolean(b);
    }
    const a = $$("[data-go]").find((el) => el.dataset.go === key);
    if (a) location.assign(a.href);
    return Boolean(a);
  }

  function only(key) {
    switch (key) {
      case "j": return pressable("j") ? press("j") : step(1);
      case "k": return step(-1);
      case "o": return press("o") || open();
      case "a": case "r": case "z": case "y": case "n": case "p": return press(key);
      case "e": {
        const area = $("textarea[data-edit]");
        if (area) { area.focus(); return true; }
        return press("e");
      }
      case "m": {
        const d = $('[data-key-open="m"]');
        if (d) { d.open = true; $("select", d)?.focus(); }
        return Boolean(d);
      }
      case "c": if (!correct(true)) return false; mode = "c"; return true;
      case "g": mode = "g"; return true;
      case "?": $("#keys")?.showModal(); return true;
      case "/": return palette();
    }
    return /^[1-9]$/.test(key) && (tick(key) || judge(key));
  }

  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented) return;
    if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === "k") {
      if (palette()) e.preventDefault();
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey || $("dialog[open]")) return;
    if (e.key === "Escape") { escape(); return; }
    if (typing(e.target)) return;
    if (mode ? follow(e.key) : only(e.key)) e.preventDefault();
  });

  function escape() {
    mode = "";
    correct(false);
    const menu = $("details.menu[open], details.clause[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); return; }
    if (typing(document.activeElement)) document.activeElement.blur();
    else $("[data-close]")?.click();
  }

  // --- the command palette ---

  function palette() {
    const box = $("#palette");
    if (!box) return false;
    box.showModal();
    $("input", box).select();
    seek();
    return true;
  }
  const seek = later(80, async () => {
    const got = await load("/search?q=" + encodeURIComponent($("#seek").value)).catch(() => null);
    const found = got && $("#results", got.page);
    if (found) $("#found").replaceChildren(...document.adoptNode(found).childNodes);
  });
  $("#seek")?.addEventListener("input", seek);
  $("#palette")?.addEventListener("keydown", (e) => {
    const links = $$("#found a"), at = links.indexOf(document.activeElement);
    if (e.key === "ArrowDown") (links[at + 1] || links[0])?.focus();
    else if (e.key === "ArrowUp") (links[at - 1] || $("#seek")).focus();
    else if (e.key === "Enter" && at < 0 && links.length) location.assign(links[0].href);
    else return;
    e.preventDefault();
  });

  // --- texts that save themselves, and counters that count while one types ---

  const saving = { dirty: false, async now() { return true; } };
  function autosave(form) {
    const area = $("textarea", form), status = $("[data-saved]", form);
    saving.dirty = false;
    saving.now = async () => {
      const text = area.value;
      status.textContent = status.dataset.saving;
      const got = await load(form.dataset.autosave, { method: "POST", body: new URLSearchParams({ text }) }).catch(() => null);
      const good = Boolean(got && got.ok);
      status.textContent = good ? status.dataset.saved : ($(".wrong", got?.page)?.textContent || status.dataset.unsaved);
      if (good && area.value === text) {
        saving.dirty = false;
        const acts = $(".acts", got.page);
        if (acts) $(".acts").replaceWith(document.adoptNode(acts));
      }
      return good;
    };
    const save = later(900, () => saving.dirty && saving.now());
    const count = later(120, async () => {
      const got = await load(form.dataset.measure, { method: "POST", body: new URLSearchParams({ text: area.value }) }).catch(() => null);
      const ruler = got && $(".ruler", got.page);
      if (ruler) $("#ruler").replaceChildren(document.adoptNode(ruler));
    });
    area.addEventListener("input", () => { saving.dirty = true; status.textContent = status.dataset.unsaved; save(); count(); });
  }

  function previewing(form) {
    const look = later(180, async () => {
      const q = new URLSearchParams({ text: form.elements.text.value, name: form.elements.name.value });
      const got = await load(form.dataset.preview + "?" + q).catch(() => null);
      const fresh = got && $("#preview", got.page);
      if (fresh) $("#preview").replaceChildren(...document.adoptNode(fresh).childNodes);
    });
    form.elements.text.addEventListener("input", look);
  }

  // prepare wires what a fresh sheet brought.
  function prepare() {
    for (const f of $$("form[data-autosave]")) autosave(f);
    for (const f of $$("form[data-preview]")) previewing(f);
    if (navigator.clipboard) for (const b of $$("button[data-copy]")) b.hidden = false;
    const zone = $('input[data-zone=""]');
    if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || zone.value;
    document.dispatchEvent(new Event("sheet"));
  }
  addEventListener("beforeunload", (e) => { if (saving.dirty) e.preventDefault(); });

  prepare();
  listen();
})();
