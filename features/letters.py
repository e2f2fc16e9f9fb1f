def strangeness(word):
    return 0.0
