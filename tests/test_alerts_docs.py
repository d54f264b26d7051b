"""The page about alerts: its configuration is good, its request is one, its numbers are ours."""

import json
import re
from pathlib import Path

from edge.config import load
from edge.events.ladder import MOST
from edge.orders import AcknowledgeRequest
from edge.serve.tell import PATHS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "alerts.md").read_text()
(SITE,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
((PATH, BODY),) = re.findall(r"127\.0\.0\.1:8080(\S+) -d '(.*?)'", PAGE, re.DOTALL)


def test_the_configuration_is_good(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    settings = load(path).settings
    assert settings.escalation.after_s == (60, 300, 900)
    assert [sink.min_level for sink in settings.report] == [1, 2, 1]


def test_the_request_is_one():
    assert PATH in PATHS
    AcknowledgeRequest(**json.loads(BODY)).check()


def test_the_bound_is_that_of_the_page():
    assert f"At most {MOST} alerts wait" in PAGE
