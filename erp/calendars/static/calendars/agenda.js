"use strict";

// The hours open at the one that the team user wants to see first.
document.addEventListener("DOMContentLoaded", () => {
  const grid = document.querySelector(".ag-week");
  const hour = grid?.querySelector(`[data-hour="${grid.dataset.firstHour}"]`);
  if (hour) {
    grid.scrollTop = hour.offsetTop;
  }
});
