"""The app by clicks, in a browser without a window: a file dropped, a law, a search stopped."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
import simulated_circuit
from waiting import PATIENCE

from hiddenlaw.io import save
from hiddenlaw.systems import Schroedinger, measure

pytest.importorskip("nicegui", reason="the app is an extra: pip install 'hiddenlaw[app]'")
playwright = pytest.importorskip("playwright.sync_api", reason="Playwright drives the browser")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason=f"no browser is installed: {', '.join(BROWSERS)}"),
]

# A file, as it comes from a folder of the desktop.
DROP = """
([zone, name, text]) => {
    const files = new DataTransfer();
    files.items.add(new File([text], name));
    const over = { dataTransfer: files, bubbles: true, cancelable: true };
    zone.dispatchEvent(new DragEvent("dragover", over));
    requestAnimationFrame(() => requestAnimationFrame(() =>
        zone.querySelector(".q-uploader__dnd").dispatchEvent(new DragEvent("drop", over))
    ));
}
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address that `hiddenlaw app` prints, while it runs in a folder of its own."""
    command = [sys.executable, "-m", "hiddenlaw", "app", "--no-open"]
    with subprocess.Popen(
        command,
        cwd=tmp_path_factory.mktemp("app"),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as app:
        assert app.stdout is not None
        said = re.fullmatch(r"hiddenlaw is at (http://127\.0\.0\.1:\d+/\?key=\S+)\n", line(app))
        assert said
        yield said[1]
        app.send_signal(signal.SIGINT)
        _, problems = app.communicate(timeout=PATIENCE)
        assert (app.returncode, problems) == (130, "interrupted\n")


def line(app):
    text = app.stdout.readline()
    return text or pytest.fail(app.stderr.read())


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=BROWSER)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, address):
    """The page of the app, in a browser that says nothing of faults in it."""
    faults = []
    context = browser.new_context()
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE * 1000)
    opened.on("pageerror", lambda fault: faults.append(str(fault)))
    opened.on("request", lambda asked: foreign(asked.url, address, faults))
    opened.goto(address)
    assert urlsplit(opened.url).query == ""  # the key is no longer to be seen
    yield opened
    context.close()
    assert faults == []


def foreign(url, address, faults):
    if urlsplit(url).scheme != "data" and urlsplit(url).netloc != urlsplit(address).netloc:
        faults.append(f"it asks elsewhere: {url}")


def choose(page, label, option):
    page.get_by_label(label).click()
    page.get_by_role("option", name=option).click()


def test_a_file_is_dropped_and_its_law_comes_out(page, tmp_path):
    zone = page.locator(".q-uploader").element_handle()
    page.evaluate(DROP, [zone, "../rc.csv", simulated_circuit.write(tmp_path / "x").read_text()])
    page.get_by_text("Looking at rc.csv.").wait_for()
    assert page.get_by_label("Part of t").input_value() == "grid (time, place)"
    # The columns are swapped by hand, and put right again.
    choose(page, "Part of u", "not read")
    page.get_by_role("alert").filter(has_text="No column is the input yet").wait_for()
    choose(page, "Part of u", "input")
    page.get_by_text("A law can be sought in these data.").wait_for()
    page.get_by_label("Unit of t").fill("s")
    page.get_by_label("Unit of t").press("Tab")
    page.get_by_text("t [s]").wait_for()
    choose(page, "Between samples the input is", "zero: constant over each cell")
    page.get_by_role("button", name="Find the law").click()
    page.get_by_role("heading", name="A law was found").wait_for()
    equation = page.locator(".law .equation").first.inner_text()
    assert re.match(r"y′ = ", equation)
    with page.expect_download() as download:
        page.get_by_role("link", name="law as text").click()
    assert "time constant" in download.value.path().read_text(encoding="utf-8")
    with page.expect_download() as download:
        page.get_by_role("link", name="run directory (zip)").click()
    assert download.value.suggested_filename == "app-1.zip"
    report = page.frame_locator("iframe.report")
    report.get_by_role("heading", name="A law was found").wait_for()
    assert report.get_by_text("rc.csv").count() > 0


def look_at_noisy_waves(page, name):
    """Data in which a search for twelve variables takes minutes: no click comes too late.

    Under a name of its own: the page shows what was looked at before until these are read.
    """
    waves = Schroedinger().simulate(runs=100, sites=64, seed=0)
    waves = measure(waves, noise="gaussian:0.02", blur=0.0, missing=0.0, seed=0)
    save(waves.without_truth(), name)
    page.locator("input[type=file]").set_input_files(name)
    page.get_by_text(f"Looking at {name.name}.").wait_for()
    page.get_by_text("A law can be sought in these data.").wait_for()


def test_a_search_is_stopped_half_way_and_keeps_its_widths(page, tmp_path):
    look_at_noisy_waves(page, tmp_path / "some_waves.npz")
    page.get_by_text("More settings").click()
    choose(page, "Kind of law", "multiplied: the input multiplies the state")
    page.get_by_label("Most variables").fill("12")
    page.get_by_label("Most variables").press("Tab")
    page.get_by_role("button", name="Find the law").click()
    page.get_by_text(re.compile(r"^([3-9]|\d\d) widths are finished\.")).wait_for()
    page.get_by_role("img", name=re.compile("Error against the number of variables")).wait_for()
    page.get_by_role("button", name="Stop, and keep the law so far").click()
    page.get_by_role("heading", name="A law was found").wait_for()
    report = page.frame_locator("iframe.report")
    report.get_by_text(re.compile("search was stopped; not tried were")).wait_for()


def test_a_search_is_stopped_at_once(page, tmp_path):
    look_at_noisy_waves(page, tmp_path / "other_waves.npz")
    page.get_by_text("More settings").click()
    page.get_by_label("Most variables").fill("12")
    page.get_by_label("Most variables").press("Tab")
    page.get_by_role("button", name="Find the law").click()
    page.get_by_text(re.compile(r"^(One width is|\d+ widths are) finished")).wait_for()
    page.get_by_role("button", name="Stop at once").click()
    page.get_by_role("heading", name="Stopped").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download the widths")).click()
    assert '"hiddenlaw.widths"' in download.value.path().read_text(encoding="utf-8")


def test_a_file_that_is_none_is_refused_in_words(page):
    drop = {"name": "law.pkl", "mimeType": "text/csv", "buffer": b"\x80\x04."}
    page.locator("input[type=file]").set_input_files(drop)
    page.get_by_role("alert").filter(has_text="law.pkl has the unknown suffix '.pkl'").wait_for()
    assert page.get_by_role("heading", name="Columns").count() == 0


def test_pages_of_another_origin_and_other_names_are_refused(page, browser, address):
    """From the same browser, with its cookie: by a request, a websocket, a frame, another name."""
    port = urlsplit(address).port
    own = f"127.0.0.1:{port}"
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        other = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
    with page.expect_response(f"http://{own}/") as welcome:
        page.reload()
    assert welcome.value.status == 200
    stranger = page.context.new_page()
    stranger.route(other, lambda route: route.fulfill(body="<h1>another page</h1>"))
    stranger.goto(other)
    asked = f"fetch('http://{own}/', {{mode: 'no-cors', credentials: 'include'}})"
    assert stranger.evaluate(f"{asked}.then(() => 'answered', () => 'refused')") == "refused"
    opened = stranger.evaluate(
        f"""new Promise(done => {{
            const socket = new WebSocket("ws://{own}/_nicegui_ws/socket.io/?EIO=4&transport=websocket");
            socket.onopen = () => done("opened");
            socket.onerror = () => done("refused");
        }})"""
    )
    assert opened == "refused"
    rebound = page.context.request.get(f"http://{own}/", headers={"Host": f"evil.example:{port}"})
    assert rebound.status == 403
    without_key = browser.new_context()
    assert without_key.request.get(f"http://{own}/").status == 403
    without_key.close()
    stranger.close()
