/**
 * File names are bytes, not text. Inside the system (commands, rows, caches, the wire) a name,
 * a path or a link target is a string with one character (U+0000 to U+00FF) for each byte: it
 * compares as its bytes do, costs a byte a character, and loses nothing.
 *
 * Outside it is text: UTF-8 is decoded, and a byte that is not part of valid UTF-8 becomes the
 * lone surrogate U+DC80 to U+DCFF, as Python's `surrogateescape` does (PEP 383), so that both
 * directions lose nothing and two names never become one.
 */
export type ByteString = string;
