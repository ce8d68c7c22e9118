// What Google's api.js does for the checkbox, in the local house: a box that, ticked, brings a token.
"use strict";
(() => {
  const TOKEN_ADDRESS = new URL("token", document.currentScript.src);

  const render = (widget, number) => {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.id = `recaptcha-stand-in-${number}`;
    const label = document.createElement("label");
    label.htmlFor = box.id;
    label.textContent = document.documentElement.lang === "en" ? "I'm not a robot (stand-in)" : "Ik ben geen robot (stand-in)";
    const answer = document.createElement("textarea");
    answer.name = "g-recaptcha-response";
    answer.hidden = true;
    box.addEventListener("change", async () => {
      answer.value = "";
      if (!box.checked) return;
      const token = await fetch(TOKEN_ADDRESS, { credentials: "omit" });
      answer.value = await token.text();
    });
    widget.append(box, " ", label, answer);
  };

  document.querySelectorAll(".g-recaptcha").forEach(render);
})();
