package dev.holdfast.client.errors;

/** A lockable was named with parameters that its definition does not take, or without those that it needs. */
public final class LockableParamsException extends LockException {
    private static final long serialVersionUID = 1;

    private final String lockableName;
    private final Reason reason;

    /** What was wrong. */
    public enum Reason {
        SINGULAR_WITH_PARAMS("singular_with_params", "it is singular and takes none"),
        PLURAL_WITHOUT_PARAMS("plural_without_params", "it is plural and needs some");

        private final String wire;
        private final String text;

        Reason(String wire, String text) {
            this.wire = wire;
            this.text = text;
        }

        /** The name that is the same in every language and release: {@code singular_with_params} and so on. */
        public String wire() {
            return wire;
        }
    }

    public LockableParamsException(String lockableName, Reason reason) {
        super("Wrong parameters for lockable '" + lockableName + "': " + reason.text + " (" + reason.wire + ").", null);
        this.lockableName = lockableName;
        this.reason = reason;
    }

    public String lockableName() {
        return lockableName;
    }

    public Reason reason() {
        return reason;
    }
}
