"""Shows an address to REDbot (https://redbot.org). Prints what it warns of, and fails if it has anything bad to say."""

import sys
from configparser import ConfigParser

import thor
from httplint.note import levels
from redbot.resource import HttpResource


def notes(resource):
    """What is said of the resource, and of the requests that were made to test it."""
    checked = [resource, *resource.subreqs.values()]
    said = [note for one in checked for note in one.response.notes]
    return said + [below for note in said for below in note.subnotes]


def main(address):
    config = ConfigParser()
    config.read_dict({"redbot": {"enable_local_access": "True"}})
    resource = HttpResource(config["redbot"])
    resource.set_request(address)
    resource.on("check_done", thor.stop)
    resource.check()
    thor.run()
    if not resource.response.complete:
        return f"{address}: no whole answer: {resource.fetch_error}"
    said = {(note.level, str(note.summary)) for note in notes(resource)}
    for level, summary in sorted(said, key=str):
        if level in (levels.BAD, levels.WARN):
            print(f"  {level.value}: {address}: {summary}")
    return int(any(level == levels.BAD for level, _ in said))


sys.exit(main(sys.argv[1]))
