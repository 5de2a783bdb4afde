package dev.holdfast.client.support;

/** Throws as code does whose compiler knows no checked exceptions. */
public final class Sneaky {

    /** Never returns. */
    public static RuntimeException sneakyThrow(Throwable thrown) {
        Sneaky.<RuntimeException>hide(thrown);
        throw new AssertionError("unreachable");
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void hide(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private Sneaky() {}
}
