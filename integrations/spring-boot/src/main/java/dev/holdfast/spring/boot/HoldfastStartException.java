package dev.holdfast.spring.boot;

import org.jspecify.annotations.Nullable;

/** Holdfast cannot start as it is configured. The message says what is wrong, for people to read. */
public final class HoldfastStartException extends RuntimeException {
    private final String action;

    /**
     * Not for applications.
     *
     * @param what is wrong
     * @param action what to do about it
     */
    HoldfastStartException(String what, String action, @Nullable Throwable cause) {
        super(what, cause);
        this.action = action;
    }

    /** What to do about it. */
    public String action() {
        return action;
    }
}
