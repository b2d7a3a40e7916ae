"""Speed and scale, measured as ratios in one run. Run by hand (`make bench`), never asserted in a test."""
