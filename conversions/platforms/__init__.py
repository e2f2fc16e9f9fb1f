"""Ad platforms: one folder each, found by name.

A folder holds `platform.toml` (data that every package may read, see `leadworth.platform_catalog`), `settings.py`
(`SECTION`: the section of leadworth.toml), `adapter.py` (`connect`: opens the destination) and, for a platform with
an API, `peer.py` (`PEER`: the platform's rules in the sandbox) and `example.json` (the payload of the battery's event).
"""
