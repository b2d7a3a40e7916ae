"""One file per source. A format reads files and says what it found as a `Plan`; it is pure and asks no database."""
