"use strict";

// Shows the next references of a number series while its settings are typed. The server computes them.
document.addEventListener("DOMContentLoaded", () => {
  for (const output of document.querySelectorAll("output[data-preview]")) {
    const inputs = [...document.querySelectorAll(`[name^="${output.dataset.series}_reference_"]`)];
    let timer;
    let request = 0;
    const show = async () => {
      const number = ++request;
      const values = new URLSearchParams(inputs.map((input) => [input.name, input.value]));
      const response = await fetch(`${output.dataset.preview}?${values}`);
      if (response.ok && number === request) {
        output.textContent = (await response.json()).text;
      }
    };
    for (const input of inputs) {
      input.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(show, 250);
      });
    }
  }
});
