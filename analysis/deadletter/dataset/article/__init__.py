"""The user's copy of the text: words, anchors, sentences and numerals."""
