"""The user's copy of the article: words, anchors, sentences and numerals."""
