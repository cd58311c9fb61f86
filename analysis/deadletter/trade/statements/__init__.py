"""The text's quantitative statements, judged by independent figures."""
