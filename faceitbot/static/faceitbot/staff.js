// Unfold prints the numbers of an axis as they were computed: 1.2600000000000002.
document.addEventListener("DOMContentLoaded", () => {
    const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
    DEFAULT_CHART_OPTIONS.scales.y.ticks.callback = (value) => number.format(value);
});

// Unfold draws the charts that stand on the page when it has loaded; one that is fetched later is drawn here.
document.addEventListener("htmx:afterSettle", (event) => {
    const canvas = event.detail.elt.querySelector("canvas.chart");
    if (canvas && document.readyState === "complete" && !Chart.getChart(canvas)) {
        renderCharts();
    }
});
