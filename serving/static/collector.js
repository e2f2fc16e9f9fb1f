// Leadworth's collector: how a form was filled in, as counts and times. No cookie is set, no content of a field and no key is read.
// <script src="https://SERVICE/v1/collector.js" data-form="contact" data-tier="1" data-honeypot="fax_number" async></script>
// Keys of the payload: docs/reference/evidence.md. It must never break or delay a form, so every handler is guarded.
// Served is collector.min.js, made from this file by `make collector`.
((win, doc, nav) => {
  const script = doc.currentScript || doc.querySelector('script[src*="/v1/collector.js"]');
  if (!script || win.lwCollector) return;
  win.lwCollector = 1;
  const data = script.dataset, ua = nav.userAgent, start = performance.now(), fields = new Map(), down = {}, intervals = [], holds = [];
  const seen = { v: 1, keys: 0, bs: 0, paste: 0, tabs: 0, mv: 0, untrusted: 0, vis: 0, scroll: 0, kind: "script" };
  let lastKey, point, angle, from, moved, timer, turns = 0, path = 0, enter = -1e4;

  const guard = (run) => (event) => { try { run(event); } catch (_) { /* the form goes first */ } };
  const on = (type, run) => doc.addEventListener(type, guard(run), { capture: true, passive: true });
  const clock = () => performance.now() - start;
  const round = (x, places = 1) => Math.round(x * places) / places;
  const push = (event) => (win.dataLayer = win.dataLayer || []).push({ event, lw_form: data.form });
  const tier = () => Math.min(nav.globalPrivacyControl || nav.doNotTrack == 1 ? 1 : 2, win.lwConsent ? 2 : +(data.tier || 1));
  const isField = (el) => el.form && /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) && !/hidden|submit|button|image|checkbox|radio/.test(el.type);
  const autofilled = (el) => { try { return el.matches(":autofill"); } catch (_) { return el.matches(":-webkit-autofill"); } };
  const fieldOf = (form) => form.querySelector('input[name="lw_data"]');
  const write = (form) => { const field = fieldOf(form); if (field) field.value = payload(form); };
  const spread = (name, list, said) => {
    if (!list.length) return;
    const mean = list.reduce((a, b) => a + b) / list.length;
    said[name + "_med"] = round(list.slice().sort((a, b) => a - b)[list.length >> 1]);
    said[name + "_cv"] = mean ? round(Math.sqrt(list.reduce((sum, x) => sum + (x - mean) ** 2, 0) / list.length) / mean, 100) : 0;
  };
  const field = (el) => fields.get(el) || (fields.set(el, { spent: 0 }), fields.get(el));

  on("keydown", (e) => {
    const at = clock();
    if (!e.isTrusted) seen.untrusted++;
    if (e.key == "Enter") enter = at;
    if (!isField(e.target) || e.repeat) return;
    if (e.key == "Tab") seen.tabs++;
    seen.keys++;
    if (/^(Backspace|Delete)$/.test(e.key)) seen.bs++;
    if (at - lastKey < 2e3) intervals.push(at - lastKey);
    lastKey = down[e.code] = at;
  });
  on("keyup", (e) => { if (down[e.code]) holds.push(clock() - down[e.code]); down[e.code] = 0; });
  on("focusin", (e) => {
    if (!isField(e.target)) return;
    seen.first_ms = seen.first_ms || round(clock());
    field(e.target).focus = clock();
  });
  on("focusout", (e) => { const one = fields.get(e.target); if (one) { one.spent += clock() - one.focus; one.focus = 0; } });
  on("input", (e) => {
    if (!e.isTrusted) seen.untrusted++;
    if (/Paste|Drop/.test(e.inputType)) { seen.paste++; field(e.target).pasted = 1; }
    clearTimeout(timer);
    timer = setTimeout(guard(() => write(e.target.form)), 200);
  });
  on("pointermove", (e) => {
    if (e.pointerType == "touch") return;
    seen.mv++;
    moved = clock();
    const here = [e.clientX, e.clientY];
    if (point) {
      const dx = here[0] - point[0], dy = here[1] - point[1], turn = Math.atan2(dy, dx);
      path += Math.hypot(dx, dy);
      if (Math.cos(turn - angle) < 0.94) turns++; // more than 20 degrees
      angle = turn;
    } else from = here;
    point = here;
  });
  on("touchstart", () => { seen.touch = 1; });
  on("visibilitychange", () => { seen.vis++; });
  on("scroll", () => { seen.scroll = Math.max(seen.scroll, round(100 * win.scrollY / (doc.documentElement.scrollHeight - win.innerHeight)) || 0); });
  on("click", (e) => {
    const button = e.target.closest("button,[type=submit],[type=image]");
    if (!button || !button.form || button.type == "button") return;
    if (!e.isTrusted) seen.untrusted++;
    seen.kind = !e.isTrusted ? "script" : !e.detail && clock() - enter < 1e3 ? "enter" : "click";
    if (e.detail) {
      const box = button.getBoundingClientRect();
      seen.cx = round((e.clientX - box.left) / box.width, 1e3);
      seen.cy = round((e.clientY - box.top) / box.height, 1e3);
      if (moved) seen.gap = round(clock() - moved);
    }
    write(button.form);
  });
  on("submit", (e) => { if (!e.isTrusted) seen.untrusted++; write(e.target); push("lw_submit"); });
  on("formdata", (e) => { if (fieldOf(e.target)) e.formData.set("lw_data", payload(e.target)); });

  const environment = (said) => {
    const hints = nav.userAgentData, major = (/Chrome\/(\d+)/.exec(ua) || [])[1], coarse = nav.maxTouchPoints && win.matchMedia("(pointer:coarse)").matches;
    said.tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
    said.lang = nav.language;
    said.touch = +!!(seen.touch || coarse);
    said.auto = +!!(nav.webdriver || /Headless|Phantom/.test(ua) || win.callPhantom || win.__pwInitScripts || Object.keys(doc).some((key) => /cdc_|selenium|webdriver/.test(key)));
    said.lie_tz = +/UTC|GMT/.test(said.tz);
    const wide = win.innerWidth - win.outerWidth, high = win.innerHeight - win.outerHeight;
    said.lie_screen = +!!(!coarse && (!win.outerHeight || (win.devicePixelRatio % 1 == 0 && wide > 1) ||
      (!wide && !high && win.outerHeight == screen.height && win.outerWidth == screen.width && !win.matchMedia("(display-mode:fullscreen)").matches)));
    if (hints && major) {
      said.lie_brand = +(!hints.brands.some((one) => one.version == major) || (major > 109 && hints.brands.some((one) => / Not A;/.test(one.brand))));
      said.lie_ua = +!ua.includes({ macOS: "Mac", "Chrome OS": "CrOS" }[hints.platform] || hints.platform);
    }
    const gl = doc.createElement("canvas").getContext("webgl"), info = gl?.getExtension("WEBGL_debug_renderer_info");
    const card = info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : "";
    said.gl_soft = +(!gl || /SwiftShader|llvmpipe|Software|Basic/.test(card));
    said.lie_gl = +((/Direct3D/.test(card) && !/Windows/.test(ua)) || (/OpenGL Engine|Apple/.test(card) && !/Mac|iP/.test(ua)));
  };
  const touches = (said) => {
    const query = new URLSearchParams(location.search), last = {}, now = round(Date.now() / 1e3);
    for (const [name, value] of query) if (/^(gclid|[wg]braid|dclid|fbclid|msclkid|li_fat_id|ttclid|twclid|utm_\w+)$/.test(name)) last[name.replace("utm_", "")] = value;
    let kept = JSON.parse(localStorage.lw_touch || "{}");
    if (now - kept.first?.at > 7776e3) kept = {}; // 90 days
    if (Object.keys(last)[0] || !kept.first) {
      last.landing_page = location.pathname;
      last.referrer = doc.referrer.split("?")[0];
      last.at = now;
      kept = { first: kept.first || last, last };
      localStorage.lw_touch = JSON.stringify(kept);
    }
    Object.assign(said, kept);
    for (const [name, pattern] of [["ga", /_ga=GA1\.\d\.\d+\.(\d+)/], ["fbp", /_fbp=fb\.\d\.(\d{10})/]]) said[name] = +(pattern.exec(doc.cookie) || [])[1] || undefined;
  };
  const payload = (form) => {
    let said = { v: 1, t: seen.t, ms: round(clock()) };
    const trap = form.elements[data.honeypot];
    if (trap) { said.hp = +!!trap.value; said.hp_focus = +fields.has(trap); said.hp_fill = +autofilled(trap); }
    if (tier()) {
      said = { ...seen, ...said, fields: 0, nofocus: 0, fill: 0, chars: 0 };
      guard(environment)(said);
      for (const el of form.elements) {
        if (!isField(el) || el == trap || !el.value || el.tagName == "SELECT") continue;
        const one = fields.get(el), filled = autofilled(el);
        said.fields++;
        if (filled) said.fill++;
        else if (!one) said.nofocus++;
        if (filled || one?.pasted) continue;
        said.chars += el.value.length;
        if (one) said.dwell = Math.min(round((one.spent + (one.focus ? clock() - one.focus : 0)) / el.value.length), said.dwell ?? 1e9);
      }
      spread("ik", intervals, said);
      spread("hold", holds, said);
      if (path) {
        said.path = round(path);
        said.straight = round(Math.hypot(point[0] - from[0], point[1] - from[1]) / path, 100);
        said.turn = round(turns / seen.mv, 100);
      }
      if (tier() > 1) guard(touches)(said);
    }
    return JSON.stringify(said);
  };
  const dress = (form) => {
    if (fieldOf(form)) return;
    form.insertAdjacentHTML("beforeend", '<input type="hidden" name="lw_data">');
    write(form);
  };
  const every = (run) => { for (const form of doc.forms) guard(run)(form); };
  const ready = () => {
    every(dress);
    new MutationObserver(() => every(dress)).observe(doc.documentElement, { childList: true, subtree: true });
    push("lw_ready");
  };
  if (doc.readyState == "loading") doc.addEventListener("DOMContentLoaded", guard(ready));
  else guard(ready)();
  fetch(new URL(`/v1/forms/${encodeURIComponent(data.form)}/token`, script.src)).then((answer) => answer.json()).then((said) => { seen.t = said.token; every(write); }).catch(() => {});
})(window, document, navigator);
