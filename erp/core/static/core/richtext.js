// The editor of rich texts joins neighbouring paragraphs into one, unless it is told not to.
if (window.Trix) {
  window.Trix.config.blockAttributes.p.group = false;
}
