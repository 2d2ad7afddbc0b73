"use strict";

// The grid of lines of a sales document. All arithmetic is the server's: this only moves inputs about.
(() => {
  const DEBOUNCE = 350;

  // --- Pages that confirm: one press sends once; the preview follows the inputs ------------------

  function debounced(work) {
    let timer;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(work, DEBOUNCE);
    };
  }

  function sendOnce(form) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
      }
      form.dataset.sent = "1";
    });
    window.addEventListener("pageshow", () => delete form.dataset.sent);
  }

  function followPreview(form) {
    let asked = 0;
    const refresh = debounced(async () => {
      const turn = ++asked;
      const data = new FormData(form);
      data.append("_preview", "1");
      const answer = await fetch(window.location.href, { method: "POST", body: data });
      if (!answer.ok || turn !== asked) {
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("making-preview");
      const place = document.getElementById("making-preview");
      const focused = document.activeElement && document.activeElement.name;
      place.replaceChildren(...fresh.childNodes);
      const input = focused && place.querySelector(`[name="${CSS.escape(focused)}"]`);
      if (input) {
        input.focus();
        input.setSelectionRange(input.value.length, input.value.length);
      }
    });
    form.addEventListener("input", refresh);
  }

  // --- The grid ----------------------------------------------------------------------------------

  class Grid {
    constructor(section) {
      this.section = section;
      this.form = section.closest("form");
      this.body = section.querySelector("tbody");
      this.template = document.getElementById("sales-line");
      this.count = section.querySelector("input[name='contents-TOTAL']");
      this.table = section.querySelector("table");
      this.asked = 0;
      this.touched = new Set();
      this.refresh = debounced(() => this.askTotals());
      this.listen();
      if (!this.rows().length) {
        this.add("item", { quiet: true });
      }
      this.renumber();
    }

    rows() {
      return [...this.body.rows];
    }

    field(row, name) {
      return row.querySelector(`[data-field="${name}"]`);
    }

    /** Inputs are named by the place of their line, so that the server reads them in the order of the page. */
    renumber() {
      this.rows().forEach((row, number) => {
        row.dataset.number = number;
        for (const input of row.querySelectorAll("[name^='contents-']")) {
          input.name = input.name.replace(/^contents-[^-]+-/, `contents-${number}-`);
          input.id = `id_${input.name}`;
        }
        row.querySelector(".sd-number").textContent = number + 1;
        this.grow(this.field(row, "designation"));
      });
      this.count.value = this.rows().length;
    }

    grow(area) {
      if (area && area.tagName === "TEXTAREA") {
        area.style.height = "auto";
        area.style.height = `${Math.max(area.scrollHeight + 2, 34)}px`;
      }
    }

    changed() {
      this.renumber();
      this.form.dispatchEvent(new Event("change", { bubbles: true }));
      this.refresh();
    }

    // --- Adding, moving, removing ----------------------------------------------------------------

    add(kind, { after = null, quiet = false } = {}) {
      const row = this.template.content.firstElementChild.cloneNode(true);
      this.body.insertBefore(row, after ? after.nextSibling : null);
      this.setKind(row, kind);
      if (!quiet) {
        this.changed();
        this.focus(row);
      }
      return row;
    }

    focus(row) {
      const first = this.inputs(row).find((input) => input.dataset.field !== "kind") || this.field(row, "kind");
      first.focus();
    }

    setKind(row, kind) {
      row.dataset.kind = kind;
      this.field(row, "kind").value = kind;
    }

    duplicate(row) {
      const copy = row.cloneNode(true);
      for (const input of row.querySelectorAll("select, textarea, input")) {
        copy.querySelector(`[name="${input.name}"]`).value = input.value;
      }
      copy.querySelector("[data-field='affair_content']").value = "";
      copy.querySelectorAll(".sd-error").forEach((error) => error.remove());
      row.after(copy);
      this.changed();
      this.focus(copy);
    }

    remove(row) {
      const next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      if (!this.rows().length) {
        this.add("item");
        return;
      }
      this.changed();
      if (next) {
        this.focus(next);
      }
    }

    move(row, step) {
      const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
      if (!other) {
        return;
      }
      const focused = document.activeElement;
      step < 0 ? other.before(row) : other.after(row);
      this.changed();
      focused.focus();
    }

    /** Inputs of a line that can be typed in, in the order of the page. */
    inputs(row) {
      return [...row.querySelectorAll("select, textarea, input:not([type=hidden])")].filter(
        (input) => input.offsetParent !== null && !input.disabled && getComputedStyle(input).visibility !== "hidden",
      );
    }

    // --- Events ----------------------------------------------------------------------------------

    listen() {
      this.section.addEventListener("click", (event) => this.onClick(event));
      this.body.addEventListener("keydown", (event) => this.onKey(event));
      this.body.addEventListener("input", (event) => this.onInput(event));
      this.body.addEventListener("paste", (event) => this.onPaste(event));
      this.body.addEventListener("dragstart", (event) => this.onDragStart(event));
      this.body.addEventListener("dragover", (event) => this.onDragOver(event));
      this.body.addEventListener("dragend", () => this.onDragEnd());
      this.form.addEventListener("input", (event) => this.onFormInput(event));
      const customer = document.getElementById("id_customer");
      if (customer && window.django && window.django.jQuery) {
        this.customer = customer.value;
        window.django.jQuery(customer).on("change", () => this.askDefaults(customer.value));
      }
    }

    onClick(event) {
      const button = event.target.closest("button[data-add], button[data-do]");
      if (!button) {
        return;
      }
      if (button.dataset.add) {
        this.add(button.dataset.add);
      } else {
        this[button.dataset.do](button.closest("tr"));
      }
    }

    onKey(event) {
      const row = event.target.closest("tr");
      if (this.search && this.search.onKey(event)) {
        return;
      }
      if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
        event.preventDefault();
        this.move(row, event.key === "ArrowUp" ? -1 : 1);
      } else if (event.ctrlKey && event.key.toLowerCase() === "d") {
        event.preventDefault();
        this.duplicate(row);
      } else if (event.key === "Enter" && !event.shiftKey && !event.target.closest("button")) {
        event.preventDefault();
        this.enter(row, event.target);
      }
    }

    /** Enter goes to the next cell; on the last one, to the next line, made if there is none. */
    enter(row, input) {
      const inputs = this.inputs(row);
      const next = inputs[inputs.indexOf(input) + 1];
      if (next) {
        next.focus();
        if (next.select) {
          next.select();
        }
      } else if (row.nextElementSibling) {
        this.focus(row.nextElementSibling);
      } else {
        this.add("item");
      }
    }

    onInput(event) {
      const { target } = event;
      const row = target.closest("tr");
      if (target.dataset.field === "kind") {
        row.dataset.kind = target.value;
      } else if (target.dataset.field === "reference" || target.dataset.field === "designation") {
        this.grow(target);
        this.propose(row, target);
      }
    }

    onFormInput(event) {
      if (event.target.name && !event.target.name.startsWith("contents-")) {
        this.touched.add(event.target.name);
      }
      if (event.target.name === "use_global_vatrate") {
        this.table.classList.toggle("sd-no-vat", event.target.checked);
      }
      this.refresh();
    }

    onDragStart(event) {
      const grip = event.target.closest(".sd-grip");
      if (grip) {
        this.dragged = grip.closest("tr");
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", "");
        this.dragged.classList.add("sd-dragged");
      }
    }

    onDragOver(event) {
      const row = event.target.closest("tr");
      if (!this.dragged || !row || row === this.dragged) {
        return;
      }
      event.preventDefault();
      const middle = row.getBoundingClientRect().top + row.offsetHeight / 2;
      event.clientY < middle ? row.before(this.dragged) : row.after(this.dragged);
    }

    onDragEnd() {
      if (this.dragged) {
        this.dragged.classList.remove("sd-dragged");
        this.dragged = null;
        this.changed();
      }
    }

    // --- Pasting rows of a spreadsheet -----------------------------------------------------------

    onPaste(event) {
      const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n+$/, "");
      if (!text.includes("\t") && !(text.includes("\n") && event.target.tagName !== "TEXTAREA")) {
        return;
      }
      event.preventDefault();
      let row = event.target.closest("tr");
      const start = event.target.dataset.field;
      text.split("\n").forEach((line, number) => {
        row = number ? row.nextElementSibling || this.add("item", { after: row, quiet: true }) : row;
        this.fillCells(row, start, line.split("\t"));
      });
      this.changed();
    }

    fillCells(row, start, cells) {
      const inputs = this.inputs(row).filter((input) => input.dataset.field !== "discount_type");
      const first = Math.max(inputs.findIndex((input) => input.dataset.field === start), 0);
      cells.forEach((cell, number) => {
        const input = inputs[first + number];
        if (input) {
          this.setValue(input, cell.trim());
        }
      });
    }

    setValue(input, value) {
      if (input.tagName === "SELECT") {
        const wanted = String(value).toLowerCase();
        const option = [...input.options].find(
          (each) => each.value === String(value) || each.text.trim().toLowerCase() === wanted,
        );
        if (option) {
          input.value = option.value;
        }
      } else {
        input.value = value;
      }
    }

    // --- The catalog -----------------------------------------------------------------------------

    propose(row, input) {
      const isSearch = input.dataset.field === "reference" || !this.field(row, "reference");
      if (isSearch && !["text", "heading", "subtotal", "pagebreak"].includes(row.dataset.kind)) {
        this.search = this.search || new CatalogSearch(this);
        this.search.look(row, input);
      }
    }

    take(row, element) {
      for (const [name, value] of Object.entries(element.values)) {
        const input = this.field(row, name);
        if (input && name !== "kind") {
          this.setValue(input, value);
        }
      }
      row.dataset.sells = element.sells;
      row.querySelector(".sd-stock").textContent = element.stock;
      this.changed();
      const quantity = this.field(row, "quantity");
      quantity.focus();
      quantity.select();
    }

    mode() {
      const input = this.form.querySelector("[name='input_mode']");
      return input ? input.value : "ht";
    }

    // --- What the server says --------------------------------------------------------------------

    async askTotals() {
      const turn = ++this.asked;
      const message = document.getElementById("sales-totals-message");
      const panel = document.getElementById("sales-totals");
      panel.classList.add("sd-stale");
      let answer;
      try {
        const response = await fetch(this.section.dataset.totals, { method: "POST", body: new FormData(this.form) });
        answer = response.ok ? await response.json() : null;
      } catch {
        answer = null;
      }
      if (turn !== this.asked) {
        return;
      }
      message.textContent = answer ? answer.message : this.section.dataset.textFailed;
      if (answer) {
        this.showErrors(answer.errors);
      }
      if (answer && answer.totals) {
        panel.innerHTML = answer.totals;
        panel.classList.remove("sd-stale");
        this.rows().forEach((row, number) => {
          row.querySelector(".sd-line-total").textContent = answer.lines[`contents-${number}`] || "";
          this.followPrice(row, answer.prices[`contents-${number}`]);
        });
      }
    }

    /** A price of the catalog that nobody changed follows the quantity and the customer. */
    followPrice(row, price) {
      const given = this.field(row, "catalog_price");
      const typed = this.field(row, "unit_price");
      if (price && given && typed && given.value === typed.value) {
        given.value = typed.value = price;
      }
    }

    showErrors(errors) {
      this.body.querySelectorAll(".sd-error").forEach((error) => error.remove());
      this.body.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
      for (const [name, text] of Object.entries(errors)) {
        const input = this.body.querySelector(`[name="${CSS.escape(name)}"]`);
        const row = input ? input.closest("tr") : this.rows()[Number(name.split("-")[1])];
        const cell = input && input.type !== "hidden" ? input.closest("td") : row.querySelector(".sd-designation");
        const line = document.createElement("p");
        line.className = "sd-error";
        line.textContent = text;
        cell.append(line);
        if (input) {
          input.setAttribute("aria-invalid", "true");
        }
      }
    }

    /** A customer was chosen: addresses and terms are theirs, except what was typed by hand. */
    async askDefaults(customer) {
      if (!customer || customer === this.customer) {
        return; // lists announce a change when the page opens: a stored document keeps what it says
      }
      this.customer = customer;
      const response = await fetch(`${this.section.dataset.defaults}?customer=${encodeURIComponent(customer)}`);
      if (!response.ok) {
        return;
      }
      const answer = await response.json();
      for (const [name, value] of Object.entries(answer.values)) {
        if (!this.touched.has(name)) {
          this.setHeader(name, value);
        }
      }
      this.setContacts(answer.contacts);
      this.refresh();
    }

    setHeader(name, value) {
      const input = this.form.elements[name];
      if (!input) {
        return;
      }
      if (input.type === "checkbox") {
        input.checked = value;
      } else if (input.multiple) {
        [...input.options].forEach((option) => (option.selected = value.includes(option.value)));
      } else {
        input.value = value;
      }
      if (window.django && window.django.jQuery && input.tagName === "SELECT") {
        window.django.jQuery(input).trigger("change.select2");
      }
    }

    setContacts(contacts) {
      const select = this.form.elements.contact;
      if (!select) {
        return;
      }
      const empty = select.options[0];
      select.replaceChildren(empty, ...contacts.map((contact) => new Option(contact.label, contact.id)));
      select.value = "";
    }
  }

  // --- The list of the catalog under an input -----------------------------------------------------

  class CatalogSearch {
    constructor(grid) {
      this.grid = grid;
      this.list = document.createElement("ul");
      this.list.className = "sd-proposals";
      this.list.setAttribute("role", "listbox");
      this.list.hidden = true;
      document.body.append(this.list);
      this.list.addEventListener("mousedown", (event) => this.onPick(event));
      this.ask = debounced(() => this.fetch());
      document.addEventListener("focusin", (event) => event.target !== this.input && this.close());
      window.addEventListener("scroll", (event) => event.target !== this.list && this.close(), true);
    }

    look(row, input) {
      this.row = row;
      this.input = input;
      if (input.value.trim()) {
        this.ask();
      } else {
        this.close();
      }
    }

    async fetch() {
      const turn = (this.asked = (this.asked || 0) + 1);
      const term = this.input.value.trim().replace(/^\//, "");
      const customer = this.grid.form.elements.customer;
      const query = new URLSearchParams({ q: term, mode: this.grid.mode(), customer: customer ? customer.value : "" });
      const response = await fetch(`${this.grid.section.dataset.catalog}?${query}`);
      const elements = response.ok ? (await response.json()).elements : null;
      // An answer that comes after that to a later term is dropped.
      if (elements && turn === this.asked && document.activeElement === this.input) {
        this.show(elements);
      }
    }

    show(elements) {
      this.elements = elements;
      this.chosen = -1;
      this.list.replaceChildren(...elements.map((element, number) => this.item(element, number)));
      if (!elements.length) {
        this.list.textContent = this.grid.section.dataset.textNone;
      }
      const box = this.input.getBoundingClientRect();
      Object.assign(this.list.style, { left: `${box.left + window.scrollX}px`, top: `${box.bottom + window.scrollY + 2}px` });
      this.list.hidden = elements.length === 0 && this.input.dataset.field !== "reference";
    }

    item(element, number) {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.dataset.number = number;
      for (const [css, text] of [["sd-proposal", element.label], ["sd-price", element.price], ["sd-minor", element.stock]]) {
        const part = document.createElement("span");
        part.className = css;
        part.textContent = text;
        item.append(part);
      }
      return item;
    }

    onPick(event) {
      const item = event.target.closest("li");
      if (item) {
        event.preventDefault();
        this.pick(Number(item.dataset.number));
      }
    }

    pick(number) {
      const element = this.elements[number];
      this.close();
      this.grid.take(this.row, element);
    }

    /** Arrows, Enter and Escape while the list is open. Answers whether the key was for the list. */
    onKey(event) {
      if (this.list.hidden || event.target !== this.input || event.altKey) {
        return false;
      }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && this.elements.length) {
        this.choose((this.chosen + step + this.elements.length) % this.elements.length);
      } else if (event.key === "Enter" && this.chosen >= 0) {
        this.pick(this.chosen);
      } else if (event.key === "Escape") {
        this.close();
      } else {
        return false;
      }
      event.preventDefault();
      return true;
    }

    choose(number) {
      this.chosen = number;
      [...this.list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === number)));
      this.list.children[number].scrollIntoView({ block: "nearest" });
    }

    close() {
      this.list.hidden = true;
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const section = document.getElementById("sales-lines");
    if (section) {
      new Grid(section);
    }
    document.querySelectorAll("form.sd-once").forEach(sendOnce);
    document.querySelectorAll("form[data-preview]").forEach(followPreview);
    document.querySelectorAll("details[data-src]").forEach((details) => {
      details.addEventListener("toggle", () => {
        if (details.open && !details.querySelector("iframe")) {
          const frame = document.createElement("iframe");
          frame.className = "sd-frame";
          frame.title = details.textContent.trim();
          frame.src = details.dataset.src;
          details.append(frame);
        }
      });
    });
  });
})();
