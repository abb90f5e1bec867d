// Unfold draws the charts that stand on the page when it has loaded; one that is fetched later is drawn here.
document.addEventListener("htmx:afterSettle", (event) => {
    const canvas = event.detail.elt.querySelector("canvas.chart");
    if (canvas && document.readyState === "complete" && !Chart.getChart(canvas)) {
        renderCharts();
    }
});
