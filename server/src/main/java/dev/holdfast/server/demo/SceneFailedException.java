package dev.holdfast.server.demo;

/** The cluster did not behave as a scene says. */
final class SceneFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String why;

    SceneFailedException(String why) {
        super(why);
        this.why = why;
    }

    SceneFailedException(String why, Throwable cause) {
        super(why, cause);
        this.why = why;
    }

    /** What was seen instead. */
    String why() {
        return why;
    }
}
