// Writing a mail: another model shows its text, the preview opens when it is asked for.
document.addEventListener("DOMContentLoaded", () => {
  const model = document.getElementById("id_model");
  if (model) {
    model.addEventListener("change", () => {
      const address = new URL(window.location.href);
      address.searchParams.set("model", model.value || "0");
      window.onbeforeunload = null;
      document.querySelector(".warn-unsaved-form")?.classList.remove("warn-unsaved-form");
      window.location.assign(address);
    });
  }
  for (const button of document.querySelectorAll("[data-opens]")) {
    button.addEventListener("click", () => {
      const panel = document.getElementById(button.dataset.opens);
      panel.open = true;
      panel.scrollIntoView({ behavior: "smooth" });
    });
  }
});
