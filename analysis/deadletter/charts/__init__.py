"""Charts: one theme, one function a chart, each titled with what it shows and told in words beside it."""
