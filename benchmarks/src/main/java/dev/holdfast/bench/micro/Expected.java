package dev.holdfast.bench.micro;

/** Makes sure that what is measured is what is meant. */
final class Expected {
    static <T> T as(Class<T> expected, Object actual) {
        if (!expected.isInstance(actual)) {
            throw new IllegalStateException("expected " + expected.getSimpleName() + ", not " + actual);
        }
        return expected.cast(actual);
    }

    private Expected() {}
}
