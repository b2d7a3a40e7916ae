"""The published blog as a static site: pages, feeds, pictures and a search that needs no server."""
