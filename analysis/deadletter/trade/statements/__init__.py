"""The article's quantitative statements, judged by independent figures."""
