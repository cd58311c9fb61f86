"""Charts: one theme, one function a chart, each titled with what it shows, with the same in words."""
