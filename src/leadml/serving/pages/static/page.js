// What makes the pages handier; each of them works without it. See the guide at the top of style.css.
"use strict";

// A select, checkbox or search of form[data-auto] sends the form by itself; its button is then needed no more.
for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
  });
}

// form.drop[data-sending][data-reading][data-failed]: a file dropped or chosen is sent at once, with its progress.
for (const form of document.querySelectorAll("form.drop")) {
  const input = form.querySelector("input[type=file]");
  const status = form.querySelector(".drop-status");
  const bar = form.querySelector("progress");
  let depth = 0;
  form.classList.add("is-live");
  if (form.dataset.choose) form.querySelector("button").textContent = form.dataset.choose;

  const say = (text, failed = false) => {
    status.textContent = text;
    status.classList.toggle("is-failed", failed);
  };
  const stop = (text) => {
    form.classList.remove("is-busy");
    bar.hidden = true;
    input.disabled = false;
    input.value = "";
    say(text, true);
    input.focus();
  };
  const send = (file) => {
    if (!file || form.classList.contains("is-busy")) return;
    const data = new FormData(form);
    data.set(input.name, file);
    const request = new XMLHttpRequest();
    form.classList.add("is-busy");
    input.disabled = true;
    bar.hidden = false;
    bar.value = 0;
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      say(form.dataset.sending.replace("{name}", file.name).replace("{percent}", Math.floor(100 * bar.value)));
    });
    request.upload.addEventListener("load", () => {
      bar.removeAttribute("value");
      say(form.dataset.reading.replace("{name}", file.name));
    });
    request.addEventListener("load", () => {
      if (request.status < 400) {
        location.assign(request.responseURL);
        return;
      }
      let told = form.dataset.failed;
      try {
        told = JSON.parse(request.responseText).detail || told;
      } catch { /* not ours: say that it failed */ }
      stop(told);
    });
    request.addEventListener("error", () => stop(form.dataset.failed));
    request.addEventListener("abort", () => stop(""));
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.send(data);
  };

  // A page that the browser kept while another was shown is as it was left: let it begin anew.
  addEventListener("pageshow", (event) => {
    if (event.persisted && form.classList.contains("is-busy")) stop("");
  });
  input.addEventListener("change", () => send(input.files[0]));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.files.length) send(input.files[0]);
    else input.click();
  });
  form.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    form.classList.add("is-over");
  });
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) form.classList.remove("is-over");
  });
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    form.classList.remove("is-over");
    send(event.dataTransfer.files[0]);
  });
}

// A file let go beside the drop zone must not replace the page.
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    if (document.querySelector("form.drop")) event.preventDefault();
  });
}
