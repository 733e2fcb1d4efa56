// The one source that carries the test programs' precompiled header. It holds nothing.
