// Fetches reCAPTCHA when its form is first touched, or at once when the form came back with an error.
// When Google cannot be reached the form stays usable: sending it asks the server for our own check.
"use strict";
(() => {
  const NARROW = "(max-width: 419px)"; // the stylesheet reserves the height of the same two sizes
  const DONE = "schoolpoortCaptchaDone"; // Google calls back by the name of a global function
  const PATIENCE_MS = 5000;

  const prepare = (holder) => {
    const form = holder.closest("form");
    const widget = holder.querySelector(".g-recaptcha");
    const first = holder.querySelector(".captcha-first");
    const failed = holder.querySelector(".captcha-failed");
    const way = holder.querySelector('[name="captcha_way"]');
    const isEnterprise = holder.dataset.kind === "enterprise";
    const isScore = isEnterprise || holder.dataset.kind === "v3";
    let state = "idle";
    let settle;
    const settled = new Promise((resolve) => { settle = resolve; });

    const field = () => form.querySelector('[name="g-recaptcha-response"]');
    const hasBox = () => widget !== null && widget.childElementCount > 0;

    const fail = () => {
      if (state === "ready" || hasBox()) return;
      state = "failed";
      way.value = "own";
      first.hidden = true;
      failed.hidden = false;
      settle();
    };

    const ready = () => {
      if (state !== "loading" && state !== "failed") return;
      state = "ready"; // late is good too
      way.value = "";
      failed.hidden = true;
      settle();
    };

    const dress = (address) => {
      address.searchParams.set("hl", document.documentElement.lang);
      if (isScore) {
        address.searchParams.set("render", holder.dataset.key);
        return;
      }
      window[DONE] = () => { first.hidden = true; };
      widget.dataset.callback = DONE;
      if (window.matchMedia(NARROW).matches) widget.dataset.size = "compact";
      if (window.matchMedia("(prefers-color-scheme: dark)").matches) widget.dataset.theme = "dark";
    };

    const load = () => {
      if (state !== "idle") return;
      state = "loading";
      const address = new URL(holder.dataset.captcha, document.baseURI);
      dress(address);
      const script = document.createElement("script");
      script.src = address.href;
      script.async = true;
      script.addEventListener("error", fail);
      script.addEventListener("load", ready);
      document.head.append(script);
      window.setTimeout(() => { if (state === "loading") fail(); }, PATIENCE_MS);
    };

    const score = () => new Promise((resolve, reject) => {
      window.setTimeout(reject, PATIENCE_MS);
      const google = isEnterprise ? window.grecaptcha.enterprise : window.grecaptcha;
      google.ready(() => {
        google.execute(holder.dataset.key, { action: holder.dataset.action }).then(resolve, reject);
      });
    });

    let isAsking = false;
    const sendWithScore = async () => {
      if (isAsking) return;
      isAsking = true;
      try {
        await settled;
        field().value = await score();
      } catch {
        way.value = "own"; // no score: the server offers our own check
      }
      form.submit();
    };

    window.addEventListener("pageshow", () => { isAsking = false; }); // back from the next page
    form.addEventListener("focusin", load);
    form.addEventListener("pointerdown", load);
    form.addEventListener("submit", (event) => {
      load();
      if (state === "failed") return;
      if (isScore) {
        event.preventDefault();
        sendWithScore();
        return;
      }
      if ((field()?.value ?? "") !== "") return;
      event.preventDefault();
      first.hidden = false;
      holder.scrollIntoView({ block: "nearest" });
    });

    const cameBack = document.querySelector('main [aria-invalid="true"], main .notice--danger') !== null;
    if (cameBack || "eager" in holder.dataset || form.contains(document.activeElement)) load();
  };

  for (const holder of document.querySelectorAll("[data-captcha]")) prepare(holder);
})();
