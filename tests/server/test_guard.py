"""Who may ask: the checks on names, origins, tokens, and what browsers may do with answers."""

from __future__ import annotations

import pytest

RUNS = {"json": {"columns": []}}


def status(client, path="/api/projects", method="GET", **options):
    return client.request(method, path, **options).status_code


@pytest.mark.parametrize("host", ["127.0.0.1:6160", "localhost:1", "[::1]:6160", "LOCALHOST"])
def test_names_of_this_machine_are_answered(client, host):
    """Whatever the port: a tunnel may change it."""
    assert status(client, headers={"Host": host}) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example:80", "", "[::2]", "localhost.:6160", "127.0.0.1@evil"],
)
def test_other_names_are_refused(client, host):
    """A name that somebody points at this machine (DNS rebinding) opens nothing."""
    assert status(client, headers={"Host": host}) == 421
    assert status(client, "/", headers={"Host": host}) == 421


def test_a_name_can_be_allowed(make_client):
    """Behind a proxy the UI answers to the proxy's name."""
    client = make_client(hosts=["ui.example"])

    assert status(client, headers={"Host": "ui.example"}) == 200
    assert status(client, headers={"Host": "other.example"}) == 421


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:6160"]
)
def test_other_origins_are_refused(client, origin):
    """Scripts of other pages, also of other ports of this machine, can neither read nor write."""
    assert status(client, headers={"Origin": origin}) == 403
    assert status(client, "/api/runs", "POST", headers={"Origin": origin}, **RUNS) == 403


def test_the_own_origin_is_let_in(client):
    """Browsers send it with every POST."""
    headers = {"Origin": "http://127.0.0.1:6160"}
    assert status(client, "/api/runs", "POST", headers=headers, **RUNS) == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_requests_of_other_sites_are_refused(client, site):
    """Also those without an Origin: images, scripts, frames; only a followed link to a page works."""
    assert status(client, headers={"Sec-Fetch-Site": site}) == 403
    assert status(client, "/", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}) == 403
    visit = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    assert status(client, "/runs/x", headers=visit) in (200, 503)
    assert status(client, headers=visit) == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_form_can_send_changes_nothing(client, kind):
    """A POST needs a type and a header that no page of another site can send unasked."""
    headers = {"Content-Type": kind}
    assert status(client, "/api/edit", "POST", content=b"{}", headers=headers) == 403
    headers = {"Content-Type": "application/json"}
    assert status(client, "/api/edit", "POST", content=b"{}", headers=headers) == 400  # let in
    headers["X-Epochlog"] = None
    assert status(client, "/api/edit", "POST", content=b"{}", headers=headers) == 403


def test_no_answer_opens_itself_to_other_origins(client):
    """There are no CORS headers, also not for a preflight."""
    headers = {"Origin": "http://127.0.0.1:6160", "Access-Control-Request-Method": "POST"}
    for method in ("GET", "OPTIONS"):
        answer = client.request(method, "/api/projects", headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_every_answer_tells_browsers_what_not_to_do(client):
    """Pages run the UI's own files alone, and no text becomes HTML."""
    for path in ("/", "/api/projects", "/api/none", "/assets/none.js"):
        headers = client.request("GET", path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_token_is_asked_for(make_client):
    """As Bearer or as cookie; a wrong one opens nothing, not even the pages."""
    client = make_client(token="secret")

    assert status(client) == status(client, "/") == 401
    assert status(client, headers={"Authorization": "Bearer wrong"}) == 401
    assert status(client, headers={"Authorization": "Bearer secret"}) == 200
    assert status(client, headers={"Cookie": "a=b; epochlog_token=secret"}) == 200
    assert status(client, headers={"Cookie": "epochlog_token=sécret".encode()}) == 401


def test_a_link_logs_one_browser_in_once(make_client):
    """It sets a cookie that scripts can't read and other sites can't use."""
    client = make_client(token="secret")
    key = client.app.guard.one_time_link()
    answer = client.request("GET", f"/login?key={key}")
    cookie = answer.headers["set-cookie"].lower()

    assert (answer.status_code, answer.headers["location"]) == (303, "./")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert status(client, f"/login?key={key}") == 401
    assert status(client, "/login?key=") == 401
    assert status(client, headers={"Cookie": answer.headers["set-cookie"].split(";")[0]}) == 200


def test_a_notebook_may_frame_it_only_if_asked(make_client):
    """Other pages of this machine may show the UI in a frame when it was started for that."""
    policy = make_client(framed=True).request("GET", "/").headers["content-security-policy"]

    assert "frame-ancestors 'self' http://localhost:* http://127.0.0.1:*" in policy
