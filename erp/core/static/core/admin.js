"use strict";

// Buttons that change a row are links to a page that asks; with scripts, they are sent by POST at once.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-post]");
  if (!link || event.metaKey || event.ctrlKey) {
    return;
  }
  event.preventDefault();
  if (link.dataset.sent) {
    return; // a second click does not act twice
  }
  link.dataset.sent = "1";
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  const form = document.createElement("form");
  form.method = "post";
  form.action = link.href;
  form.hidden = true;
  form.append(token.cloneNode());
  document.body.append(form);
  form.submit();
});

// On telephones each value of a list stands beside its column's label, which begins like a sentence.
document.addEventListener("DOMContentLoaded", () => {
  for (const cell of document.querySelectorAll("[data-label]")) {
    cell.dataset.label = cell.dataset.label.charAt(0).toUpperCase() + cell.dataset.label.slice(1);
  }
});

// A field with data-while="is_prospect is_provider" shows while one of these boxes of its form is ticked.
const showWhile = () => {
  for (const input of document.querySelectorAll("[data-while]")) {
    const boxes = input.dataset.while.split(" ").map((name) => document.querySelector(`input[name="${name}"]`));
    const line = input.closest(".field-line");
    if (line) {
      line.hidden = !boxes.some((box) => box?.checked);
    }
  }
};
document.addEventListener("change", showWhile);
document.addEventListener("DOMContentLoaded", showWhile);

// Unfold's tabs and its button of filters are links to nowhere, which the keyboard passes over.
document.addEventListener("DOMContentLoaded", () => {
  for (const link of document.querySelectorAll("a:not([href])")) {
    link.tabIndex = 0;
    link.setAttribute("role", "button");
  }
});
document.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && event.target.matches("a:not([href])")) {
    event.preventDefault();
    event.target.click();
  }
});
