"""Downloads from a local server: everything that a network does to them."""

import hashlib
import socket
import threading
from urllib.parse import quote

import pytest

from deadletter.errors import InputError
from deadletter.fetch.download import Policy, download
from tests.fetch.local_server import FAST, running


@pytest.fixture
def server():
    with running() as local:
        yield local


BODY = bytes(range(256)) * 1000
SHA = hashlib.sha256(BODY).hexdigest()


def get(server, cache, **options):
    server.files.setdefault("/f.bin", BODY)
    return download(server.url + "/f.bin", cache, policy=FAST, **options)


def test_a_file_comes_once_and_then_from_the_cache(server, tmp_path):
    seen = []
    path = get(server, tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == BODY
    assert seen[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert get(server, tmp_path) == path
    assert len(server.requests) == 1
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".bin", ".sha256"]


def test_a_transfer_cut_off_goes_on_where_it_stopped(server, tmp_path):
    server.faults = ["cut"]
    assert get(server, tmp_path, sha256=SHA).read_bytes() == BODY
    assert [wanted for _, wanted, _ in server.requests] == [None, f"bytes={len(BODY) // 2}-"]


def test_a_server_may_send_less_than_the_rest(server, tmp_path):
    """RFC 9110, 15.3.7: the range that is sent may be a part of the one that was asked for."""
    server.faults = ["cut", "less", "less"]
    assert get(server, tmp_path).read_bytes() == BODY
    eighth = len(BODY) // 8
    asked = [wanted and int(wanted.strip("bytes=-")) for _, wanted, _ in server.requests]
    assert asked == [None, 4 * eighth, 6 * eighth, 7 * eighth]


@pytest.mark.parametrize("url", ["http://[::1", "http://host/\udcff"])
def test_what_is_no_address_is_refused(tmp_path, url):
    with pytest.raises(InputError, match="is not an address"):
        download(url, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_later_call_resumes_and_reports_all_bytes(server, tmp_path):
    server.faults = ["cut"]
    server.files["/f.bin"] = BODY
    with pytest.raises(InputError, match="keeps breaking off"):
        download(server.url + "/f.bin", tmp_path, policy=Policy(retries=0, backoff=0.01))
    assert not list(tmp_path.glob("*.bin"))  # nothing under the final name
    seen = []
    assert get(server, tmp_path, progress=lambda *at: seen.append(at)).read_bytes() == BODY
    assert server.requests[-1][1] == f"bytes={len(BODY) // 2}-"
    assert seen[0][0] > len(BODY) // 2
    assert seen[-1] == (len(BODY), len(BODY))


def test_a_file_that_changed_in_between_is_fetched_whole(server, tmp_path):
    server.faults = ["cut"]
    server.files["/f.bin"] = BODY
    with pytest.raises(InputError):
        download(server.url + "/f.bin", tmp_path, policy=Policy(retries=0))
    server.files["/f.bin"], server.versions["/f.bin"] = BODY[::-1], "2"
    assert get(server, tmp_path).read_bytes() == BODY[::-1]


def test_without_a_version_nothing_is_joined_unless_a_digest_vouches(server, tmp_path):
    server.faults = ["no-etag"]
    assert get(server, tmp_path / "a").read_bytes() == BODY
    assert [wanted for _, wanted, _ in server.requests] == [None, None]
    server.faults = ["no-etag"]
    assert get(server, tmp_path / "b", sha256=SHA).read_bytes() == BODY
    assert server.requests[-1][1] == f"bytes={len(BODY) // 2}-"


def test_a_wrong_first_half_is_caught_by_the_digest_and_fetched_again(server, tmp_path):
    server.faults = ["no-etag"]
    server.files["/f.bin"] = BODY[::-1]
    with pytest.raises(InputError):
        download(server.url + "/f.bin", tmp_path, sha256=SHA, policy=Policy(retries=0))
    server.files["/f.bin"] = BODY
    assert get(server, tmp_path, sha256=SHA).read_bytes() == BODY
    assert [wanted for _, wanted, _ in server.requests] == [None, f"bytes={len(BODY) // 2}-", None]


@pytest.mark.parametrize("fault", ["ignore-range", "elsewhere"])
def test_servers_that_do_not_resume(server, tmp_path, fault):
    server.faults = ["cut", fault]
    assert get(server, tmp_path).read_bytes() == BODY


def test_a_whole_part_left_behind_is_no_dead_end(server, tmp_path):
    path = get(server, tmp_path)
    path.rename(path.with_name(path.name + ".part"))
    path.with_name(path.name + ".part.version").write_text('"1"')
    assert get(server, tmp_path).read_bytes() == BODY  # the server says 416, and it starts again


def test_a_corrupted_download_is_refused_and_leaves_nothing(server, tmp_path):
    server.files["/f.bin"] = BODY[:-1] + b"?"
    with pytest.raises(InputError, match=f"not the expected file.*{SHA}"):
        get(server, tmp_path, sha256=SHA)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_spoiled_on_disk_is_fetched_again(server, tmp_path):
    path = get(server, tmp_path)
    for spoiled in (path, path.with_name(f"{path.name}.sha256")):
        spoiled.write_bytes(BODY[:-1] + b"?")
        assert get(server, tmp_path).read_bytes() == BODY
    assert len(server.requests) == 3


def test_the_last_part_of_an_address_may_be_long(server, tmp_path):
    server.files[f"/{quote('é' * 300)}"] = BODY
    assert download(f"{server.url}/{'é' * 300}", tmp_path, policy=FAST).read_bytes() == BODY


def test_passing_errors_are_retried(server, tmp_path):
    server.faults = [(500, {}), (503, {}), (429, {})]
    assert get(server, tmp_path).read_bytes() == BODY
    assert len(server.requests) == 4


def test_retry_after_is_honoured(server, tmp_path):
    server.faults = [(429, {"Retry-After": "1"})]
    get(server, tmp_path)
    assert 1 <= server.requests[1][2] - server.requests[0][2] < 1.9


def test_a_retry_after_that_says_nothing_is_not_the_end(server, tmp_path):
    server.faults = [(429, {"Retry-After": value}) for value in ("1.5", "soon", "-1")]
    assert get(server, tmp_path).read_bytes() == BODY
    assert len(server.requests) == 4


def test_retry_after_is_not_obeyed_for_ever(server, tmp_path):
    server.faults = [(429, {"Retry-After": "86400"})]
    server.files["/f.bin"] = BODY
    download(server.url + "/f.bin", tmp_path, policy=Policy(retries=1, backoff=0.01, longest_wait=1))
    assert server.requests[1][2] - server.requests[0][2] < 1.9


@pytest.mark.parametrize("status", [429, 500])
def test_patience_ends(server, tmp_path, status):
    server.faults = [(status, {})] * 10
    with pytest.raises(InputError, match=f"refuses the download; found: 'HTTP {status}"):
        get(server, tmp_path)
    assert len(server.requests) == 4


def test_lasting_errors_are_not_retried(server, tmp_path):
    with pytest.raises(InputError, match="HTTP 404"):
        download(server.url + "/nothing", tmp_path, policy=FAST)
    assert len(server.requests) == 1


def test_no_server(tmp_path):
    with pytest.raises(InputError, match="cannot be reached"):
        download("http://127.0.0.1:9/f", tmp_path, policy=Policy(retries=1, backoff=0.01))


def test_a_wrong_digest_costs_nothing_that_is_there(server, tmp_path):
    path = get(server, tmp_path)
    with pytest.raises(InputError, match="not the expected file"):
        get(server, tmp_path, sha256="0" * 64)
    assert get(server, tmp_path) == path
    assert path.read_bytes() == BODY
    assert len(server.requests) == 2


HEAD = "HTTP/1.1 {}\r\nContent-Type: application/json\r\n{}\r\n\r\n{}"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (HEAD.format("404 Gone", "Content-Length: 99", "{"), "HTTP 404 Gone"),  # why it refuses is cut off
        (HEAD.format("404 Gone", "Content-Encoding: gzip\r\nContent-Length: 1", "{"), "HTTP 404 Gone"),
        (HEAD.format("302 Found", "Location: http://[::1\r\nContent-Length: 0", ""), "cannot be reached"),
        (HEAD.format("200 OK", "Content-Length: 2\r\nContent-Length: 2", "{}"), None),
        (HEAD.format("200 OK", "Content-Length: two", "{}"), None),
    ],
)
def test_answers_that_break_the_rules_of_http(tmp_path, answer, told):
    def serve():
        with listener.accept()[0] as connection:
            connection.recv(4096)
            connection.sendall(answer.encode())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/f"
        if told is None:
            assert download(url, tmp_path, policy=Policy(retries=0)).read_bytes() == b"{}"
        else:
            with pytest.raises(InputError, match=told):
                download(url, tmp_path, policy=Policy(retries=0))
