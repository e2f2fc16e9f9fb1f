"""Files of this folder that pytest does not import by itself."""

collect_ignore = ["made_up"]
