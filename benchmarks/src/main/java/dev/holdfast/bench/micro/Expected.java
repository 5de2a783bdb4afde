package dev.holdfast.bench.micro;

/** What is measured must be what is meant. */
final class Expected {
    static <T> T as(Class<T> expected, Object actual) {
        if (!expected.isInstance(actual)) {
            throw new IllegalStateException("not " + expected.getSimpleName() + ", but " + actual);
        }
        return expected.cast(actual);
    }

    private Expected() {}
}
