// Leadworth's collector: how a form was filled in, as counts and times. No cookie is set, no content of a field and no key is kept.
// <script src="https://SERVICE/v1/collector.js" data-form="contact" data-tier="1" data-honeypot="fax_number" async></script>
// Keys of the payload: docs/reference/evidence.md. It must never break or delay a form, so every handler is guarded.
// Served is collector.min.js, made from this file by `make collector`.
((win, doc, nav) => {
  const script = doc.currentScript || doc.querySelector("[src*='/v1/collector.js']");
  if (!script || win.lwCollector) return;
  win.lwCollector = 1;
  const data = script.dataset, ua = nav.userAgent, fields = new Map(), tokens = new WeakMap(), down = {}, intervals = [], holds = [];
  const seen = {};
  let lastKey, point, angle, from, moved, timer, surroundings, turns, path, begun = 0, enter = -1e4;

  const guard = (run) => (event) => { try { run(event); } catch (_) { /* the form goes first */ } };
  const on = (type, run) => doc.addEventListener(type, guard(run), true);
  const clock = () => performance.now(); // since the page began to load
  const since = () => round(clock() - begun);
  const begin = () => { // a form is filled in anew
    for (const name in seen) delete seen[name];
    Object.assign(seen, { keys: 0, bs: 0, paste: 0, tabs: 0, mv: 0, untrusted: 0, vis: 0, scroll: 0, kind: "script" });
    intervals.length = holds.length = turns = path = 0;
    point = lastKey = moved = undefined;
    fields.clear();
  };
  const round = (x, places = 1) => Math.round(x * places) / places;
  const push = (event) => (win.dataLayer = win.dataLayer || []).push({ event, lw_form: data.form });
  const consent = () => win.lwConsent ?? +(data.tier || 1) > 1;
  const tier = () => consent() && !nav.globalPrivacyControl && nav.doNotTrack != 1 ? 2 : Math.min(1, data.tier || 1);
  const isField = (el) => el.form && !/hidden|submit|button|image|box|radio|select|set|file|output/.test(el.type); // what one types into
  const autofilled = (el) => el.matches(":-webkit-autofill,[data-com-onepassword-filled]"); // the first is a standard name of :autofill
  const fieldOf = (form) => form.querySelector("[name=lw_data]");
  const write = (form) => { const field = fieldOf(form); if (field) field.value = payload(form); };
  const spread = (name, list, said) => {
    let sum = 0, squares = 0;
    for (const x of list.sort((a, b) => a - b)) { sum += x; squares += x * x; }
    if (sum) {
      said[name + "_med"] = round(list[list.length >> 1]);
      said[name + "_cv"] = round(Math.sqrt(squares * list.length / sum ** 2 - 1) || 0, 100); // equal ones: the root of 0, or of a hair less
    }
  };
  const field = (el) => fields.get(el) || fields.set(el, { spent: 0 }).get(el);
  // Each form has a token of its own, for the form's own id where the page names it.
  const idOf = (form) => form.dataset.form ? encodeURIComponent(form.dataset.form) : (/\/v1\/forms\/([^/]+)\/leads/.exec(form.getAttribute("action")) || [])[1] || encodeURIComponent(data.form);
  const sign = (form, as = "now") => guard(() => fetch(script.src.replace("collector.js", `forms/${idOf(form)}/token`)).then((answer) => answer.json()).then((said) => { tokens.get(form)[as] = said.token; write(form); }).catch(() => {}))();
  const sent = (form) => { const token = tokens.get(form); if (token) { token.sent = 1; sign(form, "next"); } };
  // The next person at the page, or a correction: the token of the form that was sent is used. `next` was signed when it was sent.
  const renew = (form) => {
    const token = tokens.get(form), empty = [...form.elements].every((el) => !isField(el) || !el.value || el.value == el.lw);
    if (!token?.next || !(token.sent || empty)) return;
    tokens.set(form, { now: token.next });
    if (empty) { begin(); begun = clock(); }
    write(form);
  };

  for (const type of ["keydown", "input", "click", "submit"]) on(type, (e) => { if (!e.isTrusted && e.target.closest("form")) seen.untrusted++; });
  on("keydown", (e) => {
    const at = clock();
    if (e.key == "Enter") enter = at;
    if (!isField(e.target) || e.repeat || !e.isTrusted) return;
    if (e.key == "Tab") seen.tabs++;
    seen.keys++;
    if (/^Back|^Del/.test(e.key)) seen.bs++;
    if (at - lastKey < 2e3) intervals.push(at - lastKey);
    lastKey = down[e.code] = at;
  });
  on("keyup", (e) => { if (down[e.code]) holds.push(clock() - down[e.code]); down[e.code] = 0; });
  on("focusin", (e) => {
    if (!isField(e.target)) return;
    renew(e.target.form);
    seen.first_ms = seen.first_ms || since();
    field(e.target).had = field(e.target).focus = clock();
  });
  on("focusout", (e) => { const one = fields.get(e.target); if (one?.focus) { one.spent += clock() - one.focus; one.focus = 0; } });
  on("input", (e) => {
    const pasted = /Paste|Drop/.test(e.inputType);
    if (pasted) seen.paste++;
    if (pasted || !e.isTrusted) field(e.target).set = 1; // not typed: pasted, or by a password manager
    renew(e.target.form);
    clearTimeout(timer);
    timer = setTimeout(guard(() => write(e.target.form)), 200);
  });
  on("pointermove", (e) => {
    if (e.pointerType == "touch") return;
    seen.mv++;
    moved = clock();
    if (point) {
      const dx = e.x - point.x, dy = e.y - point.y, turn = Math.atan2(dy, dx);
      path += Math.hypot(dx, dy);
      if (Math.cos(turn - angle) < 0.94) turns++; // more than 20 degrees
      angle = turn;
    } else from = e;
    point = e;
  });
  on("touchstart", () => { seen.touch = 1; });
  on("visibilitychange", () => { seen.vis++; });
  on("scroll", () => { seen.scroll = Math.max(seen.scroll, round(100 * scrollY / (doc.documentElement.scrollHeight - innerHeight)) || 0); });
  on("click", (e) => {
    const button = e.target.closest("button,[type=submit],[type=image],[type=button],[role=button]"), form = button?.closest("form") || button?.form;
    if (!form) return;
    seen.kind = !e.isTrusted ? "script" : !e.detail && clock() - enter < 1e3 ? "enter" : "click";
    if (e.detail) {
      const box = button.getBoundingClientRect();
      seen.cx = round((e.x - box.x) / box.width, 1e3);
      seen.cy = round((e.y - box.y) / box.height, 1e3);
      if (moved) seen.gap = round(clock() - moved);
    }
    write(form);
    if (button.type != "submit") sign(form, "next"); // a script may send the form
  });
  on("reset", (e) => sent(e.target));
  on("submit", (e) => {
    if (e.isTrusted && clock() - enter < 1e3) seen.kind = "enter"; // a form without a button
    write(e.target);
    push("lw_submit");
    sent(e.target);
  });
  on("formdata", (e) => { if (fieldOf(e.target)) e.formData.set("lw_data", payload(e.target)); });
  win.addEventListener("pageshow", (e) => e.persisted && every((form) => sign(form))); // back from the next page: the token was used

  const environment = () => {
    const brands = JSON.stringify(nav.userAgentData?.brands), platform = nav.userAgentData?.platform, major = (/Chrome\/(\d+)/.exec(ua) || [])[1];
    const tz = Intl.DateTimeFormat().resolvedOptions().timeZone, touch = +!!(nav.maxTouchPoints && matchMedia("(pointer:coarse)").matches);
    const gl = doc.createElement("canvas").getContext("webgl"), info = gl?.getExtension("WEBGL_debug_renderer_info");
    const card = info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : "", wide = innerWidth - outerWidth;
    return {
      tz, touch,
      lang: nav.language,
      auto: +!!(nav.webdriver || /Headless/.test(ua) || win.__pwInitScripts || /cdc_|selenium|webdriver/.test(Object.keys(doc))),
      lie_tz: +/UTC|GMT/.test(tz),
      // At a zoom of 50 % and less a screen with two pixels for one is wider inside than outside, too.
      lie_screen: +!(touch || (outerHeight && !(devicePixelRatio % 1 == 0 && wide > 1 && wide < outerWidth * 0.9) &&
        (wide || innerHeight != screen.height || innerWidth != screen.width || matchMedia("(display-mode:fullscreen)").matches))),
      lie_brand: brands && major && +(!brands.includes(`"${major}"`) || (major > 109 && / Not A;/.test(brands))),
      lie_ua: platform && +!ua.includes({ macOS: "Mac", "Chrome OS": "CrOS" }[platform] || platform),
      gl_soft: +(!gl || /Swift|llvm|Soft|Basic/.test(card)),
      lie_gl: +((/Direct3D/.test(card) && !/Windows/.test(ua)) || (/OpenGL Engine/.test(card) && !/Mac|iP/.test(ua)) || (/Apple/.test(card) && /Windows/.test(ua))),
    };
  };
  const touches = guard((said) => {
    if (tier() < 2) return win.lwConsent == false && delete localStorage.lw_touch;
    const now = round(Date.now() / 1e3), last = { landing_page: location.pathname, referrer: doc.referrer.split("?")[0], at: now };
    const kept = JSON.parse(localStorage.lw_touch || "{}");
    for (const name in kept) if (now - kept[name].at > 7776e3) delete kept[name]; // 90 days
    let found = !kept.last;
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (/^(\w+clk?id|[wg]braid|li_fat_id|utm_\w+)$/.test(name)) found = last[name.replace("utm_", "")] = value.slice(0, 500);
    }
    if (found) kept.last = last;
    kept.first = kept.first || kept.last;
    localStorage.lw_touch = JSON.stringify(kept);
    Object.assign(said, kept);
    const cookie = (pattern) => +(pattern.exec(doc.cookie) || [])[1] || undefined;
    said.ga = cookie(/_ga=GA1\.\d\.\d+\.(\d+)/);
    said.fbp = cookie(/_fbp=fb\.\d\.(\d{10})/);
  });
  const payload = (form) => {
    let said = { v: 1, t: tokens.get(form)?.now, ms: since() };
    const trap = form.elements[data.honeypot];
    if (trap) { said.hp = +!!trap.value; said.hp_focus = +!!fields.get(trap)?.had; said.hp_fill = +autofilled(trap); }
    if (tier()) {
      guard(() => { surroundings = surroundings || environment(); })();
      said = { ...surroundings, ...seen, ...said, fields: 0, nofocus: 0, fill: 0, chars: 0 };
      for (const el of form.elements) {
        if (!isField(el) || el == trap || !el.value || el.value == el.lw) continue;
        const one = fields.get(el), filled = autofilled(el);
        said.fields++;
        if (filled) said.fill++;
        else if (!one?.had) said.nofocus++;
        if (filled || one?.set) continue;
        said.chars += el.value.length;
        if (one) said.dwell = Math.min(round((one.spent + (one.focus ? clock() - one.focus : 0)) / el.value.length), said.dwell ?? 1e9);
      }
      spread("ik", intervals, said);
      spread("hold", holds, said);
      if (path) {
        said.path = round(path);
        said.straight = round(Math.hypot(point.x - from.x, point.y - from.y) / path, 100);
        said.turn = round(turns / seen.mv, 100);
      }
    }
    touches(said);
    return JSON.stringify(said);
  };
  const dress = (form) => {
    if (fieldOf(form)?.lw != null) return;
    const add = (what) => { const el = Object.assign(doc.createElement("input"), what); form.append(el); return el; };
    if (data.honeypot && !form.elements[data.honeypot]) add({ name: data.honeypot, tabIndex: -1, autocomplete: "off", ariaHidden: "true", style: "position:absolute;left:-9999px" });
    if (!fieldOf(form)) add({ type: "hidden", name: "lw_data" });
    for (const el of form.elements) el.lw = el.lw ?? el.value; // what the page itself filled in
    if (!tokens.has(form)) { tokens.set(form, {}); sign(form); }
    write(form);
  };
  const every = (run) => { for (const form of doc.forms) guard(run)(form); };
  const ready = guard(() => {
    every(dress);
    new MutationObserver(() => every(dress)).observe(doc.documentElement, { childList: true, subtree: true });
    push("lw_ready");
  });
  begin();
  touches({});
  if (doc.readyState == "loading") doc.addEventListener("DOMContentLoaded", ready);
  else ready();
})(window, document, navigator);
