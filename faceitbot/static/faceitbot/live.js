// The page that stays open: takes whole snapshots, over a websocket or, while none can be had, over HTTP.
document.addEventListener("DOMContentLoaded", () => {
    const root = document.getElementById("live");
    const state = root.querySelector(".live-state");
    const POLL = 2000, STALE = 8000, SILENT = 20000, LONGEST_WAIT = 30000;
    const find = (selector) => root.querySelector(selector);
    let heardAt = null, openedAt = 0, isOver = false, isAsking = false, tries = 0, etag = null, socket = null;

    // ---- What the page says of itself

    const clock = (moment) => moment.toLocaleTimeString(document.documentElement.lang);

    function tellState() {
        const age = heardAt && Date.now() - heardAt;
        let name = "connecting", words = root.dataset.wordConnecting;
        if (isOver) {
            [name, words] = ["ended", root.dataset.wordEnded];
        } else if (heardAt && age > STALE) {
            [name, words] = ["stale", `${root.dataset.wordStale} ${clock(heardAt)}`];
        } else if (heardAt) {
            [name, words] = ["live", root.dataset.wordLive];
        }
        if (state.dataset.state !== name || find(".live-words").textContent !== words) {
            state.dataset.state = name;
            find(".live-words").textContent = words;
            find(".live-state a").hidden = name !== "ended";
        }
        root.classList.toggle("is-old", name === "stale" || name === "ended" || !find(".live-old").hidden);
    }

    function show(snapshot) {
        heardAt = new Date();
        find(".live-old").textContent = snapshot.stale;
        find(".live-old").hidden = !snapshot.stale;
        snapshot.lamps.forEach(showLamp);
        Object.entries(snapshot.figures || {}).forEach(showFigure);
        Object.entries(snapshot.charts || {}).forEach(showChart);
        if (snapshot.events) {
            showEvents(snapshot.events);
        }
        root.dataset.at = snapshot.at;
        tellState();
    }

    // ---- Its parts

    function element(name, className, text) {
        const made = document.createElement(name);
        made.className = className;
        made.textContent = text;
        return made;
    }

    function put(parent, selector, text) {
        const one = parent.querySelector(selector);
        if (one.textContent !== text) {
            one.textContent = text;
        }
    }

    function showFigure([name, told]) {
        const card = find(`[data-figure="${name}"]`);
        put(card, ".card-figure", told.figure);
        put(card, ".change", told.change);
        card.querySelector(".change").classList.toggle("change-up", told.better);
    }

    function showLamp(told) {
        let lamp = find(`[data-lamp="${told.name}"]`);
        if (!lamp) {
            lamp = element("details", "lamp", "");
            lamp.dataset.lamp = told.name;
            const head = element("summary", "", "");
            const icon = element("span", "material-symbols-outlined", "");
            icon.ariaHidden = "true";
            head.append(icon, element("strong", "", ""), element("span", "lamp-word", ""));
            const more = element("p", "", "");
            more.append(element("a", "lamp-sentence text-link", ""));
            lamp.append(head, more, element("p", "lamp-since", ""));
            find(".lamps").append(lamp);
        }
        lamp.dataset.state = told.state;
        put(lamp, ".material-symbols-outlined", told.icon);
        put(lamp, "strong", told.title);
        put(lamp, ".lamp-word", told.word);
        put(lamp, ".lamp-sentence", told.sentence);
        put(lamp, ".lamp-since", told.since);
        lamp.querySelector(".lamp-sentence").href = told.page;
        lamp.querySelector(".lamp-since").hidden = !told.since;
    }

    function showEvents(events) {
        const list = find(".live-events"), told = JSON.stringify(events);
        if (list.dataset.told === told) {
            return;
        }
        list.dataset.told = told;
        list.replaceChildren(...events.map((event) => {
            const line = element("li", "event", "");
            const icon = element("span", "material-symbols-outlined", event.icon);
            icon.ariaHidden = "true";
            const link = element("a", "event-text", event.text);
            link.href = event.url;
            const time = element("time", "", event.time);
            time.title = event.exact;
            line.append(icon, link, time);
            return line;
        }));
    }

    // ---- Charts, by the library that unfold brings

    const charts = {};
    const BARS = new Set(["requests", "revenue"]);
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const isDark = () => document.documentElement.classList.contains("dark");
    const colours = () => [colour("--color-primary-600"), isDark() ? "#e5e7eb" : "#374151"];
    const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });

    function dataset(name, line, index) {
        const isBar = BARS.has(name) && index === 0;
        return {
            type: isBar ? "bar" : "line",
            label: line.label,
            data: line.data,
            yAxisID: name === "requests" && index === 1 ? "right" : "y",
            borderColor: colours()[index],
            backgroundColor: colours()[index],
            borderWidth: isBar ? 0 : 2,
            borderRadius: isBar ? 4 : 0,
            pointRadius: line.data.length < 10 && !isBar ? 2 : 0,
            cubicInterpolationMode: "monotone",
            spanGaps: false,
            order: isBar ? 1 : 0,
        };
    }

    function options(name, lines) {
        const text = "#9ca3af", grid = colour(isDark() ? "--color-base-700" : "--color-base-300");
        const axis = { beginAtZero: true, border: { width: 0 }, suggestedMax: 4 };
        const ticks = { color: text, precision: name === "times" ? undefined : 0, maxTicksLimit: 5, callback: number.format };
        const scales = {
            x: { grid: { display: false }, border: { width: 0 }, ticks: { color: text, maxRotation: 0, autoSkipPadding: 12 } },
            y: { ...axis, suggestedMax: name === "times" ? 1 : 4, grid: { color: grid, tickWidth: 0 }, ticks },
        };
        if (name === "requests") {
            scales.right = { ...axis, position: "right", grid: { display: false }, ticks };
        }
        return {
            animation: false,
            maintainAspectRatio: false,
            interaction: { mode: "index", intersect: false },
            plugins: {
                legend: {
                    display: lines.length > 1,
                    align: "end",
                    labels: { sort: (one, other) => one.datasetIndex - other.datasetIndex, color: text, boxWidth: 6, boxHeight: 6, usePointStyle: true, pointStyle: "circle" },
                },
            },
            scales,
        };
    }

    function showChart([name, told]) {
        const canvas = find(`[data-live-chart="${name}"]`), key = JSON.stringify(told);
        const isEmpty = !told.lines.some((line) => line.data.some((value) => value));
        canvas.hidden = isEmpty;
        canvas.nextElementSibling.hidden = !isEmpty;
        if (isEmpty || charts[name]?.key === key) {
            return;
        }
        const data = { labels: told.labels, datasets: told.lines.map((line, index) => dataset(name, line, index)) };
        if (charts[name]) {
            charts[name].chart.data = data;
            charts[name].chart.update();
        } else {
            charts[name] = { chart: new Chart(canvas, { data, options: options(name, told.lines) }) };
        }
        Object.assign(charts[name], { key, told });
    }

    function drawAgain() {
        Object.entries(charts).forEach(([name, { chart, told }]) => {
            chart.destroy();
            delete charts[name];
            showChart([name, told]);
        });
    }

    Chart.defaults.font.family = "Inter, sans-serif";
    document.fonts.ready.then(drawAgain);
    new MutationObserver(drawAgain).observe(document.documentElement, { attributeFilter: ["class"] });

    // ---- Where snapshots come from

    function connect() {
        const address = new URL(root.dataset.socket, location.href);
        address.protocol = address.protocol.replace("http", "ws");
        const own = socket = new WebSocket(address);
        own.addEventListener("open", () => {
            openedAt = Date.now();
        });
        own.addEventListener("message", (message) => {
            show(JSON.parse(message.data));
            tries = 0;
            own.send("got it"); // the next one comes after that
        });
        own.addEventListener("close", () => socket === own && connectLater());
    }

    function connectLater() {
        socket = null;
        // All pages lose their server at once, and should not come back at once.
        const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** tries) * (0.5 + Math.random() / 2);
        tries += 1;
        setTimeout(() => isOver || socket || connect(), wait);
    }

    function leaveSilentSocket() {
        // What was heard before it opened, if anything, was not heard from it.
        if (socket?.readyState === WebSocket.OPEN && Date.now() - Math.max(heardAt, openedAt) > SILENT) {
            socket.close(); // may take a minute, when nobody is there any more
            connectLater();
        }
    }

    async function poll() {
        if (isOver || isAsking || socket?.readyState === WebSocket.OPEN) {
            return;
        }
        isAsking = true;
        try {
            const answer = await fetch(root.dataset.snapshot, {
                headers: etag ? { "If-None-Match": etag } : {},
                redirect: "manual",
                signal: AbortSignal.timeout(STALE),
            });
            if (answer.type === "opaqueredirect" || answer.status === 403) {
                isOver = true;
            } else if (answer.status === 304) {
                heardAt = new Date();
            } else if (answer.ok) {
                show(await answer.json());
                etag = answer.headers.get("ETag");
            }
        } catch {
            return; // the server is away, which the page says by itself
        } finally {
            isAsking = false;
            tellState();
        }
    }

    setInterval(() => {
        leaveSilentSocket();
        tellState();
    }, 1000);
    connect();
    setInterval(poll, POLL);
});
